using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>
/// Power over one call, held by whoever holds its media: a service we are beside of, or a transport of ours (API reference, "Realtime", calls). Each returns null when
/// it is done, else why not.
/// </summary>
public interface ICallControl
{
    /// <summary>Answers a call that rings.</summary>
    /// <param name="session">A GA session object to start with; undefined for the operator's own.</param>
    /// <param name="cancellationToken">Whoever asked has gone.</param>
    ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken);

    /// <summary>Turns away a call that rings.</summary>
    /// <param name="statusCode">SIP status, 300 to 699.</param>
    /// <param name="cancellationToken">Whoever asked has gone.</param>
    ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken);

    /// <summary>Hands the caller over to somebody else (SIP REFER).</summary>
    /// <param name="targetUri">A <c>sip:</c>, <c>sips:</c> or <c>tel:</c> URI.</param>
    /// <param name="cancellationToken">Whoever asked has gone.</param>
    ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken);

    /// <summary>Answers a further offer of the same caller: another network path, other tracks (RFC 8829, section 4.1.10).</summary>
    /// <param name="sdp">The offer, UTF-8.</param>
    /// <param name="cancellationToken">Whoever asked has gone.</param>
    ValueTask<CallRenegotiation> RenegotiateAsync(ReadOnlyMemory<byte> sdp, CancellationToken cancellationToken) => ValueTask.FromResult<CallRenegotiation>(
        new SessionRefusal(409, RealtimeError.Invalid("call_not_here", "The media of this call are not at this server, so it takes no further offers for it. Make a new call.", "call_id")));

    /// <summary>Ends the call. A call that is over already counts as done.</summary>
    ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken);
}
