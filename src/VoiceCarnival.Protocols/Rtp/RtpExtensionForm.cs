namespace VoiceCarnival.Protocols.Rtp;

/// <summary>How the elements of a header extension are told apart (RFC 8285, section 4).</summary>
public enum RtpExtensionForm
{
    /// <summary>Ids 1 to 14, values of 1 to 16 bytes.</summary>
    OneByte,

    /// <summary>Ids 1 to 255, values of 0 to 255 bytes.</summary>
    TwoByte,
}
