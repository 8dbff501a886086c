using System.Net;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions;

/// <summary>
/// What sessions share: places in all, by address and by caller, starts per minute, the day's money. The seam for a store that several machines share.
/// </summary>
public interface ISessionAdmission
{
    /// <summary>Takes a place, given back by disposing the lease, or says why there is none.</summary>
    /// <param name="address">Where the caller is.</param>
    /// <param name="caller">Who calls; anonymous callers are counted by address alone.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    ValueTask<SessionAdmissionResult> TryAdmitAsync(IPAddress? address, Caller caller, CancellationToken cancellationToken);

    /// <summary>Null while there is money left today, else the refusal for whoever wants to spend some.</summary>
    ValueTask<SessionRefusal?> CheckSpendAsync(CancellationToken cancellationToken);

    /// <summary>Counts what a session has just cost, USD. Never blocks.</summary>
    void Charge(decimal usd);

    /// <summary>What all sessions have cost since midnight UTC, USD, as far as is known here. Never blocks.</summary>
    decimal SpentToday { get; }
}

/// <summary>Outcome: a place or a refusal, never both.</summary>
public readonly record struct SessionAdmissionResult(IDisposable? Lease, SessionRefusal? Refusal);
