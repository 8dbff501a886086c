using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// What carries an audio call: sockets, encryption and, where there is one, a channel for events. No member blocks or throws; a line that is broken drops what it
/// gets.
/// </summary>
public interface IRtpLine
{
    /// <summary>Bytes behind a packet that belong to the line as well: room to encrypt it where it stands.</summary>
    const int Spare = 64;

    /// <summary>The caller asked for our own events beside OpenAI's. May change when the event channel opens.</summary>
    bool UnderstandsExtensions { get; }

    /// <summary>Sends an RTP packet, fifty a second, from the clock's thread.</summary>
    /// <param name="buffer">The packet, not encrypted, and <see cref="Spare"/> bytes more.</param>
    /// <param name="length">Bytes of the packet.</param>
    void SendRtp(Span<byte> buffer, int length);

    /// <summary>Sends a compound RTCP packet; as <see cref="SendRtp"/>.</summary>
    void SendRtcp(Span<byte> buffer, int length);

    /// <summary>Queues an event for the caller; copies it. Called under the session's lock.</summary>
    /// <returns>False when the queue is past its soft limit: <see cref="RtpConnection.EventsHaveRoom"/> is to be called when it is not.</returns>
    bool SendEvent(string type, ReadOnlySpan<byte> utf8Json);

    /// <summary>Hands over the events that the caller is not known to have got, in order, when another line takes this one's place. Called under the session's lock.</summary>
    void TakeUndelivered(ServerEventSink events)
    {
    }

    /// <summary>The call is over: say goodbye in the line's own way. Called once.</summary>
    void Close(SessionTermination termination);
}
