using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>What the caller sends while no upstream is there, in order. Past its bound the oldest audio goes first, counted; events are refused.</summary>
internal sealed class HeldInput(int audioBytes)
{
    private const int MostEventBytes = 1024 * 1024;
    private readonly LinkedList<Piece> _pieces = new();
    private int _audio;
    private int _events;

    /// <summary>Bytes of audio that were dropped since the last <see cref="Drain"/>.</summary>
    public long DroppedBytes { get; private set; }

    /// <summary>Raw audio, in the session's input format.</summary>
    public void AddAudio(ReadOnlySpan<byte> audio)
    {
        _pieces.AddLast(new Piece(ClientEventKind.BufferAppend, audio.ToArray()));
        _audio += audio.Length;
        for (var node = _pieces.First; _audio > audioBytes && node is not null;)
        {
            var next = node.Next;
            if (node.Value.Kind == ClientEventKind.BufferAppend)
            {
                _pieces.Remove(node);
                _audio -= node.Value.Bytes.Length;
                DroppedBytes += node.Value.Bytes.Length;
            }

            node = next;
        }
    }

    /// <summary>Any event but an append.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryAddEvent(ClientEventKind kind, ReadOnlySpan<byte> utf8Json)
    {
        if (_events + utf8Json.Length > MostEventBytes)
            return false;
        _events += utf8Json.Length;
        _pieces.AddLast(new Piece(kind, utf8Json.ToArray()));
        return true;
    }

    /// <summary>Takes all, oldest first; pieces of kind <see cref="ClientEventKind.BufferAppend"/> are raw audio.</summary>
    public IReadOnlyList<Piece> Drain()
    {
        Piece[] all = [.. _pieces];
        _pieces.Clear();
        _audio = _events = 0;
        DroppedBytes = 0;
        return all;
    }

    public readonly record struct Piece(ClientEventKind Kind, byte[] Bytes);
}
