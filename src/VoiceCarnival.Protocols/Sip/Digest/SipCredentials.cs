namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>Who we are where a peer asks for a name and a password. Its text does not show the password.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password.</param>
public sealed record SipCredentials(string User, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => User;
}
