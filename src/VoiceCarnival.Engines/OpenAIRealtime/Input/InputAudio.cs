using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;

namespace VoiceCarnival.Engines.OpenAIRealtime.Input;

/// <summary>
/// The caller's audio that would be lost with an upstream that breaks now, so that the next can hear it. Kept is, up to a bound:
/// <list type="bullet">
/// <item>what the upstream has not proved to have (a ping goes out beside the audio twice a second, so that this is half a second and a round trip);</item>
/// <item>the turn under way, from its first sound on;</item>
/// <item>the newest moment, since speech is announced only some time after it has begun;</item>
/// <item>the last whole turn until its answer is done, for an upstream that would know it only by a transcript that never came.</item>
/// </list>
/// With PCM and a listening upstream that is about 30 kB. Places are bytes of all that the caller sent, in the session's input format. No IO, no clock.
/// </summary>
/// <param name="capacity">Most bytes kept, of the last turn and of all else each.</param>
internal sealed class InputAudio(int capacity)
{
    private readonly AudioTape _tape = new(capacity);
    private readonly int _comfortable = capacity / 2;
    private byte[] _turn = [];
    private int _turnLength;
    private long _settled;
    private long _arrived;
    private long _dropped;
    private long? _speechStart;
    private long? _speechEnd;

    /// <summary>The newest audio that is kept in any case, bytes: what an upstream hears before it announces speech.</summary>
    public int Lead { get; set; } = 28_800;

    /// <summary>The caller commits its turns itself: all that is not committed is a turn.</summary>
    public bool IsPushToTalk { get; set; }

    /// <summary>All that the caller sent so far.</summary>
    public long End => _tape.End;

    /// <summary>What the present upstream was sent; the rest waits for the next.</summary>
    public long Sent { get; private set; }

    /// <summary>Where the next upstream has to begin to hear.</summary>
    public long NeededFrom
    {
        get
        {
            long from = Math.Min(_arrived, Sent - Lead);
            if (IsPushToTalk)
                from = _settled;
            else if (_speechStart is { } start)
                from = Math.Min(from, start);
            // Whole samples only; and what was rightly dropped is not needed because something else is asked for later.
            return Math.Max(Math.Max(from, _settled), _dropped) & ~1L;
        }
    }

    /// <summary>All that the next upstream has to hear is kept, and what comes while it is told will be.</summary>
    public bool IsAtHand => End - NeededFrom <= _comfortable;

    /// <summary>Item of the last whole turn; null when its answer is done or there is none.</summary>
    public string? TurnItem { get; private set; }

    /// <summary>The last whole turn as base64, its newest part when it was longer than the bound; null when there is none.</summary>
    public string? TurnBase64 => TurnItem is null || _turnLength == 0 ? null : Convert.ToBase64String(_turn.AsSpan(0, _turnLength));

    /// <summary>Takes audio that the caller sent, whether it goes to an upstream now or waits.</summary>
    public void Add(ReadOnlySpan<byte> audio) => _tape.Append(audio);

    /// <summary>Takes the audio of a caller's own append event; one whose audio is not base64 counts as none, as it does for the upstream.</summary>
    public void AddAppend(ReadOnlySpan<byte> appendEvent)
    {
        var base64 = AudioAppend.Base64Of(appendEvent);
        if (base64.Contains((byte)'\\'))
            base64 = Encoding.UTF8.GetBytes(EventJson.Parse(appendEvent)?["audio"] is JsonValue value && value.TryGetValue(out string? text) ? text : "");
        var audio = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (Base64.DecodeFromUtf8(base64, audio, out _, out int length) == OperationStatus.Done)
            Add(audio.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(audio);
    }

    /// <summary>All was sent to the present upstream.</summary>
    public void AllSent()
    {
        Sent = End;
        DropUnneeded();
    }

    /// <summary>The present upstream proved to have all before a place.</summary>
    public void Arrived(long place) => _arrived = Math.Clamp(place, _arrived, Sent);

    /// <summary>The upstream heard speech begin.</summary>
    public void SpeechStarted(long place) => (_speechStart, _speechEnd) = (place, null);

    /// <summary>The upstream heard it end; the turn is committed next.</summary>
    public void SpeechStopped(long place) => _speechEnd = place;

    /// <summary>The audio became an item.</summary>
    /// <param name="itemId">The item.</param>
    /// <param name="end">Where the caller's own commit lay; null when the upstream ended the turn.</param>
    public void Committed(string? itemId, long? end)
    {
        long to = Math.Min(end ?? _speechEnd ?? Sent, Sent);
        KeepTurn(itemId, Math.Max(_settled, IsPushToTalk ? 0 : _speechStart ?? 0), to);
        Settle(to);
    }

    /// <summary>The upstream forgot what was not committed.</summary>
    public void Cleared(long? end) => Settle(Math.Min(end ?? Sent, Sent));

    /// <summary>The last whole turn was answered.</summary>
    public void Answered()
    {
        if (_turn.Length > 0)
            ArrayPool<byte>.Shared.Return(_turn);
        _turn = [];
        _turnLength = 0;
        TurnItem = null;
    }

    /// <summary>A new upstream takes over; it has nothing yet.</summary>
    /// <returns>Bytes that it should have heard and that are gone.</returns>
    public long Rewind()
    {
        long needed = NeededFrom;
        Sent = _arrived = Math.Min(Math.Max(needed, (_tape.Start + 1) & ~1L), End);
        return Sent - needed;
    }

    /// <summary>The next piece that waits to be sent, up to a place; empty when there is none. The caller sends it.</summary>
    public ReadOnlySpan<byte> TakeUnsent(long to)
    {
        Sent = Math.Max(Sent, Math.Min((_tape.Start + 1) & ~1L, End)); // what is gone is not sent
        var piece = _tape.Read(Sent, to);
        Sent += piece.Length;
        return piece;
    }

    /// <summary>Lets go of all.</summary>
    public void Clear()
    {
        Answered();
        _tape.DropBefore(_tape.End);
    }

    private void Settle(long place)
    {
        _settled = Math.Max(_settled, place);
        (_speechStart, _speechEnd) = (null, null);
        DropUnneeded();
    }

    private void DropUnneeded()
    {
        _dropped = NeededFrom;
        _tape.DropBefore(_dropped);
    }

    private void KeepTurn(string? itemId, long from, long to)
    {
        Answered();
        from = Math.Max(from, _tape.Start);
        if (itemId is null || from >= to)
            return;
        TurnItem = itemId;
        _turn = ArrayPool<byte>.Shared.Rent((int)(to - from));
        while (_tape.Read(from, to) is { Length: > 0 } piece)
        {
            piece.CopyTo(_turn.AsSpan(_turnLength));
            _turnLength += piece.Length;
            from += piece.Length;
        }
    }
}
