using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>POST /webhooks/openai</c>: the service announces phone calls. Answered at once; what follows from it goes on in the background.</summary>
internal static class WebhookEndpoint
{
    public const string Path = "/webhooks/openai";
    private const int LargestBody = 256 * 1024;

    // No rate limit: the signature is checked before anything else is done, and the service calls from few addresses.
    public static void MapWebhooks(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, ReceiveAsync)
            .WithName("receiveWebhook").WithTags("SIP")
            .WithSummary("Where OpenAI announces phone calls")
            .WithDescription("Standard Webhooks: headers webhook-id, webhook-timestamp and webhook-signature over the raw body. Events other than realtime.call.incoming are taken and passed over.")
            .TakesJson(isRequired: true, "A webhook event, such as {type: realtime.call.incoming, data: {call_id, sip_headers}}.")
            .Produces(StatusCodes.Status200OK)
            .ProducesErrors(400, 408, 413, 501, 503);

    private static async Task<IResult> ReceiveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.RequestServices.GetService<IWebhookReceiver>() is not { } receiver)
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status501NotImplemented, RealtimeError.Invalid("webhook_not_configured",
                "The engine that answers here has no webhooks. They need the OpenAI engine.")));
        }

        var (body, refusal) = await RequestBody.ReadAsync(context.Request, LargestBody, cancellationToken);
        var headers = context.Request.Headers;
        refusal ??= await receiver.ReceiveAsync(headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body);
        return refusal is null ? Results.Ok() : new RefusalResult(refusal);
    }
}
