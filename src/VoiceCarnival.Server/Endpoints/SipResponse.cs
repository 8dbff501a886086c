using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>How phones and PBXs reach this server.</summary>
/// <param name="Available">Calls are accepted now.</param>
/// <param name="Reason">If not, why.</param>
/// <param name="Address">The SIP URI to call; null when there is none.</param>
/// <param name="Transports">SIP transports, such as <c>udp</c>.</param>
/// <param name="Codecs">Audio codecs in order of preference.</param>
/// <param name="Agents">Who answers at this server itself, each with its SIP URI.</param>
/// <param name="Callers">Who may call this server itself.</param>
/// <param name="Encryption">Whether audio is encrypted there by keys in the SDP: <c>never</c>, <c>when_offered</c>, <c>over_tls</c> (when offered there), <c>always</c>.</param>
/// <param name="CallsOut">This server may call somebody, by <c>POST /api/sip/calls</c>.</param>
/// <param name="HostedSip">How calls that OpenAI takes for us would be set up.</param>
/// <param name="Missing">What has to be added before calls work.</param>
internal sealed record SipResponse(
    bool Available, string? Reason, string? Address, IReadOnlyList<string> Transports, IReadOnlyList<string> Codecs,
    IReadOnlyList<SipAgentAddress> Agents, string? Callers, string? Encryption, bool CallsOut, HostedSip HostedSip, IReadOnlyList<string> Missing);

/// <summary>Set-up of SIP hosted by OpenAI.</summary>
/// <param name="Available">Such calls are answered now.</param>
/// <param name="WebhookPath">Path on this server that OpenAI's webhook has to reach.</param>
/// <param name="WebhookUrl">The same as a URL, by the address that this request came to.</param>
/// <param name="Event">The event to subscribe the webhook to.</param>
/// <param name="SipUri">Where the trunk sends calls.</param>
/// <param name="Steps">What to do, in order.</param>
internal sealed record HostedSip(bool Available, string WebhookPath, string WebhookUrl, string Event, string SipUri, IReadOnlyList<string> Steps);
