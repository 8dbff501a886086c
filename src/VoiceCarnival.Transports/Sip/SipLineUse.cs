using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>A call's line as one of its connections uses it: after a new agreement another takes its place, and what the former still says is of no interest.</summary>
/// <param name="line">The line.</param>
/// <param name="close">Hangs up, once what had to be heard was heard.</param>
/// <param name="onItem">The agent has finished something, perhaps a call of a function: <c>response.output_item.done</c>. The session's lock is held.</param>
internal sealed class SipLineUse(SipLine line, Action<SessionTermination> close, SipLineUse.ItemTaker onItem) : IRtpLine
{
    private volatile bool _isOver;

    /// <summary>Takes an event; it is valid during the call only.</summary>
    public delegate void ItemTaker(ReadOnlySpan<byte> utf8Json);

    /// <inheritdoc/>
    public bool UnderstandsExtensions => false;

    /// <summary>Another connection has the line now.</summary>
    public void GiveUp() => _isOver = true;

    /// <inheritdoc/>
    public void SendRtp(Span<byte> buffer, int length)
    {
        if (!_isOver)
            line.SendRtp(buffer, length);
    }

    /// <inheritdoc/>
    public void SendRtcp(Span<byte> buffer, int length) => line.SendRtcp(buffer, length);

    // A phone has no place for events; what the agent does with the call is seen here.
    /// <inheritdoc/>
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (type == ServerEventTypes.OutputItemDone && !_isOver)
            onItem(utf8Json);
        return true;
    }

    /// <inheritdoc/>
    public void Close(SessionTermination termination)
    {
        if (!_isOver)
            close(termination);
    }
}
