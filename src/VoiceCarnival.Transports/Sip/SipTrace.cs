using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Keeps the course of calls: of each its messages, of all only so many. What is no call of ours is not kept. Thread-safe.</summary>
internal sealed class SipTrace
{
    private const int MostCalls = 500;
    private static readonly byte[][] Names = [.. new[] { "Call-ID:", "i:", "Call-Id:", "call-id:", "CALL-ID:" }.Select(name => Encoding.ASCII.GetBytes("\r\n" + name))];
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SipCourse> _calls = [];
    private readonly Queue<string> _order = new();

    /// <summary>Begins to keep a call.</summary>
    public void Follow(string callId)
    {
        lock (_gate)
        {
            if (!_calls.TryAdd(callId, new SipCourse()))
                return;
            _order.Enqueue(callId);
            if (_order.Count > MostCalls)
                _calls.Remove(_order.Dequeue());
        }
    }

    /// <summary>A message came or went.</summary>
    public void Add(ReadOnlyMemory<byte> bytes, bool isIncoming, SipTarget peer, DateTimeOffset at)
    {
        if (CallIdOf(bytes.Span) is not { } callId)
            return;
        lock (_gate)
        {
            if (!_calls.TryGetValue(callId, out var course) || !SipMessage.TryRead(bytes, out var message, out _) || message.CallId != callId)
                return;
            string number = message.CSeq.Number.ToString(CultureInfo.InvariantCulture);
            string summary = message.IsRequest
                ? $"{Encoding.ASCII.GetString(message.MethodName)} ({number})"
                : $"{message.Status} {message.Reason} ({number} {message.CSeq.Method.Name()})";
            course.Add(new SipLadderStep(at, isIncoming, peer.ToString(), summary.Length <= 80 ? summary : summary[..80]));
        }
    }

    /// <summary>The messages of a call so far.</summary>
    public SipLadder LadderOf(IEnumerable<string> callIds)
    {
        lock (_gate)
            return new SipLadder([.. callIds.SelectMany(callId => _calls.GetValueOrDefault(callId)?.Steps ?? []).OrderBy(step => step.At)]);
    }

    // Without reading the message: most of what comes to an open port is nobody's call.
    private static string? CallIdOf(ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] name in Names)
        {
            int at = bytes.IndexOf(name);
            if (at < 0)
                continue;
            var rest = bytes[(at + name.Length)..];
            int end = rest.IndexOf((byte)'\r');
            return end < 0 ? null : Encoding.Latin1.GetString(rest[..end]).Trim();
        }

        return null;
    }
}
