using System.Buffers.Binary;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// Pings between the frames of a line whose places tell, when they are answered, up to where the peer has all (RFC 6455, section 5.5.3: a pong repeats its ping, and TCP keeps
/// the order). Asked often enough that little is without proof, and not so often that it costs. Not thread-safe.
/// </summary>
/// <param name="interval">Longest without a question while something is sent.</param>
/// <param name="time">The clock.</param>
/// <param name="start">Place from which on proof is wanted.</param>
internal sealed class DeliveryProofs(TimeSpan interval, TimeProvider time, long start)
{
    /// <summary>Bytes of a ping's payload.</summary>
    public const int PayloadLength = sizeof(long);

    private const int MostBytes = 16 * 1024; // without a question; when much is sent at once
    private const int MostOpen = 64;
    private readonly Queue<Question> _open = new();
    private long _asked = start;
    private long _askedAt;
    private long _waitFrom;

    /// <summary>Whether a question should go out behind what was just added.</summary>
    public bool IsDue(long end, long now) =>
        _open.Count < MostOpen && (end - _asked >= MostBytes || time.GetElapsedTime(_askedAt, now) >= interval);

    /// <summary>Whether something was sent that no question follows.</summary>
    public bool IsWanting(long end) => end > _asked && _open.Count < MostOpen;

    /// <summary>Writes a ping's payload.</summary>
    /// <param name="payload">Has <see cref="PayloadLength"/> bytes.</param>
    /// <param name="end">Place where the ping itself will end.</param>
    /// <param name="now">Timestamp.</param>
    public void Ask(Span<byte> payload, long end, long now)
    {
        BinaryPrimitives.WriteInt64BigEndian(payload, end);
        _open.Enqueue(new Question(end, now));
        (_asked, _askedAt) = (end, now);
    }

    /// <summary>Takes an answer, which counts for all questions before it, too (RFC 6455, section 5.5.3).</summary>
    /// <returns>The place up to which the peer has all; null when this answers none of our questions.</returns>
    public long? Answer(ReadOnlySpan<byte> pong)
    {
        if (pong.Length != PayloadLength)
            return null;
        long place = BinaryPrimitives.ReadInt64BigEndian(pong);
        bool isOurs = false;
        foreach (var question in _open)
            isOurs |= question.Place == place;
        if (!isOurs)
            return null;
        while (_open.TryPeek(out var oldest) && oldest.Place <= place)
            _open.Dequeue();
        return place;
    }

    /// <summary>What was not heard before now says nothing about the peer.</summary>
    public void WaitFrom(long now) => _waitFrom = now;

    /// <summary>Whether the peer was heard so long after a question that it cannot mean to answer it.</summary>
    public bool IsUnansweredAt(long lastHeard, TimeSpan timeout) =>
        _open.TryPeek(out var oldest) && time.GetElapsedTime(Math.Max(oldest.At, _waitFrom), lastHeard) > timeout;

    private readonly record struct Question(long Place, long At);
}
