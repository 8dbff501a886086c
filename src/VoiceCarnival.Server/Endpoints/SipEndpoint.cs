using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>GET /api/sip</c> and <c>POST /api/sip-session</c>: how to reach us by phone, and what is missing.</summary>
internal static class SipEndpoint
{
    public static void MapSip(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Api);
        group.MapGet("/api/sip", Describe)
            .WithName("getSip").WithTags("SIP").WithSummary("How phones and PBXs reach this server").ProducesErrors(429);
        group.MapPost("/api/sip-session", Describe)
            .WithName("createSipSession").WithTags("SIP").WithSummary("The same description under the name that earlier clients use; a body is not read")
            .ProducesErrors(429);
    }

    private static Ok<SipResponse> Describe(HttpContext context, IEnumerable<ITransportDescriptor> transports, ISipDescription sip, IOptions<OpenAIOptions> openAI)
    {
        var own = transports.FirstOrDefault(transport => transport.Id == "sip")?.Describe() ?? TransportDescription.Unavailable("There is no SIP transport in this build.");
        List<string> missing = [];
        if (!own.Available)
            missing.Add($"For phones and PBXs that call this server themselves: {own.Reason}");
        if (openAI.Value.ApiKey.IsEmpty)
            missing.Add("An OpenAI key (OPENAI_API_KEY), for SIP hosted by OpenAI.");
        else if (context.RequestServices.GetService<IWebhookReceiver>() is null)
            missing.Add("The OpenAI engine (VoiceCarnival:Engine is local), for SIP hosted by OpenAI.");
        if (openAI.Value.WebhookSecret.IsEmpty)
            missing.Add("The webhook's signing secret (OPENAI_WEBHOOK_SECRET), for SIP hosted by OpenAI.");
        bool isHosted = context.RequestServices.GetService<IWebhookReceiver>() is { IsConfigured: true };
        string? reason = own.Available || isHosted ? null : own.Reason;
        if (own.Available)
        {
            string host = context.Request.Host.Host;
            return TypedResults.Ok(new SipResponse(
                true, null, sip.AddressAt(host), sip.Transports, sip.Codecs, sip.AgentsAt(host), sip.Callers, sip.Encryption, sip.CallsOut, Hosted(context, isHosted), missing));
        }

        string? address = isHosted ? HostedAddress : null;
        return TypedResults.Ok(new SipResponse(isHosted, reason, address, address is null ? [] : ["tls"], address is null ? [] : ["opus", "PCMU", "PCMA"], [], null, null, false,
            Hosted(context, isHosted), missing));
    }

    private static HostedSip Hosted(HttpContext context, bool isAvailable) => new(
        isAvailable, WebhookEndpoint.Path, context.Request.AbsoluteUrl(WebhookEndpoint.Path), "realtime.call.incoming", HostedAddress,
        [
            $"Make this server reachable over HTTPS and create a webhook for {WebhookEndpoint.Path} in the OpenAI project's settings, event realtime.call.incoming.",
            "Set OPENAI_API_KEY and OPENAI_WEBHOOK_SECRET on this server. It cannot see from here whether OpenAI reaches the webhook: call once.",
            $"Point your SIP trunk at {HostedAddress}.",
            "Say in VoiceCarnival:OpenAI:Calls:Routes which calls are answered, and how; without routes all are.",
        ]);

    private const string HostedAddress = "sip:<project id>@sip.api.openai.com;transport=tls";
}
