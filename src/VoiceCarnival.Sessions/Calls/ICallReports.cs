using System.Net;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>Takes charge of calls that were started past this server, with a client secret from here.</summary>
public interface ICallReports
{
    /// <summary>Attaches to a call that somebody reports. Its session runs when this returns; that the call exists shows only later.</summary>
    ValueTask<CallOpening> TakeAsync(string callId, Caller caller, IPAddress? remoteAddress, CancellationToken cancellationToken);
}
