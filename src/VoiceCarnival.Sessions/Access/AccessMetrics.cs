using System.Diagnostics.Metrics;

namespace VoiceCarnival.Sessions.Access;

/// <summary>The <c>VoiceCarnival.Access</c> meter.</summary>
public sealed class AccessMetrics
{
    private readonly Counter<long> _minted;
    private readonly Counter<long> _refused;

    /// <summary>Creates the instruments.</summary>
    public AccessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("VoiceCarnival.Access");
        _minted = meter.CreateCounter<long>("voicecarnival.client_secrets.minted", "{secret}", "Client secrets minted.");
        _refused = meter.CreateCounter<long>("voicecarnival.requests.refused", "{request}", "Requests refused, by status and code.");
    }

    /// <summary>A client secret was handed out.</summary>
    public void Minted() => _minted.Add(1);

    /// <summary>A request was refused.</summary>
    public void Refused(SessionRefusal refusal) =>
        _refused.Add(1, new("status", refusal.Status), new("code", refusal.Error.Code));
}
