using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Somebody who may call.</summary>
public sealed class SipAccount
{
    /// <summary>The name.</summary>
    public string User { get; set; } = "";

    /// <summary>The password.</summary>
    public Secret Password { get; set; } = Secret.None;
}
