namespace VoiceCarnival.Sessions.Calls;

/// <summary>Who answers a call when several could: whoever claims it first. The seam for a store that several machines share.</summary>
public interface ICallClaims
{
    /// <summary>Claims a name that nobody has claimed; atomic.</summary>
    /// <param name="name">Of a call or a message about it.</param>
    /// <param name="lifetime">How long the claim stands.</param>
    /// <returns>False when it was claimed before.</returns>
    ValueTask<bool> TryClaimAsync(string name, TimeSpan lifetime);

    /// <summary>Gives a claim back, so that another try can make it.</summary>
    ValueTask ReleaseAsync(string name);
}
