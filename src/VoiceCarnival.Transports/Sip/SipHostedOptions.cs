using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// SIP as OpenAI hosts it, by this server: a call to one of <see cref="Projects"/> rings until an application that was told by webhook accepts or rejects it over
/// <c>/v1/realtime/calls/{call_id}</c>.
/// </summary>
public sealed class SipHostedOptions
{
    /// <summary>User parts of such calls, as <c>proj_abc</c> in <c>sip:proj_abc@host</c>, with <c>*</c> and <c>?</c>.</summary>
    public List<string> Projects { get; set; } = [];

    /// <summary>Where <c>realtime.call.incoming</c> goes.</summary>
    public string? WebhookUrl { get; set; }

    /// <summary>What deliveries are signed with, <c>whsec_…</c>.</summary>
    public Secret WebhookSecret { get; set; } = Secret.None;

    /// <summary>How long a call rings for the application, seconds.</summary>
    [Range(1, 180)]
    public int WaitSeconds { get; set; } = 30;
}
