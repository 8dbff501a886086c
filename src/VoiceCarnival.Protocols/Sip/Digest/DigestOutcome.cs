namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>What a request proves about its sender.</summary>
public enum DigestOutcome
{
    /// <summary>He is who he says.</summary>
    Accepted,

    /// <summary>Nothing: challenge him.</summary>
    Missing,

    /// <summary>He knows the password, but the nonce is too old: challenge him again.</summary>
    Stale,

    /// <summary>He does not know the password, or there is no such user.</summary>
    Refused,
}
