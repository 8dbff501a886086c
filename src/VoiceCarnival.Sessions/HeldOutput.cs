using System.Buffers;

namespace VoiceCarnival.Sessions;

/// <summary>
/// What the engine said while no connection was attached, in order, up to a bound. Events and audio share one list, since their order matters.
/// Events have a quarter of the room to themselves, and audio gives way to them: a gap in what is heard can be borne, one in the caller's picture cannot.
/// Not thread-safe; the session's lock guards it.
/// </summary>
internal sealed class HeldOutput(int capacityBytes)
{
    private readonly List<Piece> _pieces = [];
    private int _bytes;

    /// <summary>Milliseconds of audio that found no room.</summary>
    public long DroppedAudioMilliseconds { get; private set; }

    /// <summary>True when an event found no room: the caller's picture would be wrong, so the session cannot be resumed.</summary>
    public bool Overflowed { get; private set; }

    public void AddEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        while (_bytes + utf8Json.Length > capacityBytes)
        {
            if (!TryDropAudio())
            {
                Overflowed = true;
                return;
            }
        }

        Add(new Piece { Type = type, Bytes = Rent(utf8Json), Length = utf8Json.Length });
    }

    public void AddAudio(in EngineAudio audio)
    {
        if (_bytes + audio.Payload.Length + audio.Event.Length > capacityBytes - capacityBytes / 4)
        {
            DroppedAudioMilliseconds += audio.SampleCount * 1000L / audio.Item.SampleRate;
            return;
        }

        bool isEvent = audio.Payload.IsEmpty;
        var bytes = isEvent ? audio.Event : audio.Payload;
        var base64 = isEvent && audio.Event.Overlaps(audio.Base64, out int at) ? at..(at + audio.Base64.Length) : default;
        Add(new Piece
        {
            Item = audio.Item,
            Offset = audio.SampleOffset,
            Samples = audio.SampleCount,
            IsUpstreamEvent = isEvent,
            Base64 = base64,
            Bytes = Rent(bytes),
            Length = bytes.Length,
        });
    }

    /// <summary>What was said until now is not to be heard.</summary>
    public void AddClear()
    {
        if (_pieces.Count > 0 && !_pieces[^1].IsClear)
            Add(new Piece { IsClear = true, Bytes = [], Length = 0 });
    }

    /// <summary>Writes all to <paramref name="connection"/> and forgets it.</summary>
    public bool DrainTo(VoiceConnection connection)
    {
        bool room = true;
        foreach (var piece in _pieces)
        {
            var bytes = piece.Bytes.AsSpan(0, piece.Length);
            if (piece.IsClear)
            {
                connection.ClearOutput();
                continue;
            }

            room = piece.Item is null
                ? connection.WriteEvent(piece.Type!, bytes)
                : connection.WriteAudio(new EngineAudio
                {
                    Item = piece.Item,
                    SampleOffset = piece.Offset,
                    SampleCount = piece.Samples,
                    Payload = piece.IsUpstreamEvent ? default : bytes,
                    Event = piece.IsUpstreamEvent ? bytes : default,
                    Base64 = piece.IsUpstreamEvent ? bytes[piece.Base64] : default,
                });
        }

        Clear();
        return room;
    }

    public void Clear()
    {
        foreach (var piece in _pieces)
        {
            if (!piece.IsClear)
                ArrayPool<byte>.Shared.Return(piece.Bytes);
        }

        _pieces.Clear();
        _bytes = 0;
        DroppedAudioMilliseconds = 0;
    }

    // The newest, as when it is audio that finds no room.
    private bool TryDropAudio()
    {
        int index = _pieces.FindLastIndex(static piece => piece.Item is not null);
        if (index < 0)
            return false;
        var piece = _pieces[index];
        _pieces.RemoveAt(index);
        _bytes -= piece.Length;
        DroppedAudioMilliseconds += piece.Samples * 1000L / piece.Item!.SampleRate;
        ArrayPool<byte>.Shared.Return(piece.Bytes);
        return true;
    }

    private void Add(Piece piece)
    {
        _pieces.Add(piece);
        _bytes += piece.Length;
    }

    private static byte[] Rent(ReadOnlySpan<byte> bytes)
    {
        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(copy);
        return copy;
    }

    private readonly struct Piece
    {
        public string? Type { get; init; }

        public OutputAudioItem? Item { get; init; }

        public long Offset { get; init; }

        public int Samples { get; init; }

        public bool IsUpstreamEvent { get; init; }

        public Range Base64 { get; init; }

        public bool IsClear { get; init; }

        public required byte[] Bytes { get; init; }

        public required int Length { get; init; }
    }
}
