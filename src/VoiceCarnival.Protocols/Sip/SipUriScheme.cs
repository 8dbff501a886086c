namespace VoiceCarnival.Protocols.Sip;

/// <summary>Kinds of URI that a call can be made to or come from.</summary>
public enum SipUriScheme
{
    /// <summary>Any other.</summary>
    Other,

    /// <summary><c>sip:</c>.</summary>
    Sip,

    /// <summary><c>sips:</c>: over TLS hop by hop.</summary>
    Sips,

    /// <summary><c>tel:</c>, a phone number (RFC 3966).</summary>
    Tel,
}
