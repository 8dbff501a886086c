using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>GET /api/sip</c> and <c>POST /api/sip-session</c>: how to reach us by phone, and what is missing.</summary>
internal static class SipEndpoint
{
    private const string WebhookPath = "/webhooks/openai";

    public static void MapSip(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Api);
        group.MapGet("/api/sip", Describe)
            .WithName("getSip").WithTags("SIP").WithSummary("How phones and PBXs reach this server").ProducesErrors(429);
        group.MapPost("/api/sip-session", Describe)
            .WithName("createSipSession").WithTags("SIP").WithSummary("The same description under the name that earlier clients use; a body is not read")
            .ProducesErrors(429);
    }

    private static Ok<SipResponse> Describe(HttpContext context, IEnumerable<ITransportDescriptor> transports, IOptions<OpenAIOptions> openAI)
    {
        string reason = transports.FirstOrDefault(transport => transport.Id == "sip")?.Describe().Reason ?? "There is no SIP transport in this build.";
        List<string> missing = ["A SIP transport in this build of VoiceCarnival.", "An answer to the webhook in this build, for SIP hosted by OpenAI."];
        if (openAI.Value.ApiKey.IsEmpty)
            missing.Add("An OpenAI key (OPENAI_API_KEY), for SIP hosted by OpenAI.");
        if (openAI.Value.WebhookSecret.IsEmpty)
            missing.Add("The webhook's signing secret (OPENAI_WEBHOOK_SECRET), for SIP hosted by OpenAI.");
        string webhookUrl = context.Request.AbsoluteUrl(WebhookPath);
        var hosted = new HostedSip(false, WebhookPath, webhookUrl, "realtime.call.incoming", "sip:<project id>@sip.api.openai.com;transport=tls",
        [
            $"Make this server reachable over HTTPS and create a webhook for {WebhookPath} in the OpenAI project's settings, event realtime.call.incoming.",
            "Set OPENAI_API_KEY and OPENAI_WEBHOOK_SECRET on this server.",
            "Point your SIP trunk at sip:<project id>@sip.api.openai.com;transport=tls.",
            "Wait for a version of VoiceCarnival that answers the webhook; this one does not yet.",
        ]);
        return TypedResults.Ok(new SipResponse(false, reason, null, [], [], hosted, missing));
    }
}
