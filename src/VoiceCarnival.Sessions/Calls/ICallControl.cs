using System.Text.Json;

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

    /// <summary>Ends the call. A call that is over already counts as done.</summary>
    ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken);
}
