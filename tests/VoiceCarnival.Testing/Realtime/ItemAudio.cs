using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The audio of one content part as it has come so far, from deltas or binary frames.</summary>
/// <remarks>Written by the client's receive loop, read by the test; both under the same lock.</remarks>
public sealed class ItemAudio
{
    private readonly Lock _lock = new();
    private readonly List<byte> _bytes = [];

    internal ItemAudio(string itemId, int contentIndex, string? responseId) =>
        (ItemId, ContentIndex, ResponseId) = (itemId, contentIndex, responseId);

    /// <summary>The item.</summary>
    public string ItemId { get; }

    /// <summary>The content part.</summary>
    public int ContentIndex { get; }

    /// <summary>The response that made it.</summary>
    public string? ResponseId { get; }

    /// <summary>Where in the part's audio the first binary frame began; more than 0 when another connection had the beginning.</summary>
    public ulong FirstOffset { get; internal set; }

    /// <summary>How many deltas or frames came.</summary>
    public int Pieces { get; private set; }

    /// <summary>When the first piece came, counted from the connection's start.</summary>
    public TimeSpan FirstAt { get; private set; }

    /// <summary>When the last piece came so far.</summary>
    public TimeSpan LastAt { get; private set; }

    /// <summary>A copy of the bytes as sent; PCM16 or G.711, as the session says.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_lock)
            {
                return [.. _bytes];
            }
        }
    }

    /// <summary>A copy of the samples, when the session's format is PCM16.</summary>
    public short[] Samples => Tone.FromBytes(Bytes);

    /// <summary>How many PCM16 samples came.</summary>
    public long SampleCount
    {
        get
        {
            lock (_lock)
            {
                return _bytes.Count / 2;
            }
        }
    }

    internal void Append(ReadOnlySpan<byte> bytes, TimeSpan at)
    {
        lock (_lock)
        {
            _bytes.AddRange(bytes);
            FirstAt = Pieces++ == 0 ? at : FirstAt;
            LastAt = at;
        }
    }
}
