using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>The place of WebRTC calls, held free with an honest answer until that transport is there.</summary>
internal static class CallsEndpoint
{
    public static void MapCalls(this IEndpointRouteBuilder routes) =>
        routes.MapApi(RateLimits.Api).MapPost("/v1/realtime/calls", Refuse)
            .WithName("createCall").WithTags("Calls")
            .WithSummary("Start a WebRTC call (not available in this version)")
            .ProducesErrors(429, 501);

    private static RefusalResult Refuse() => new(new SessionRefusal(StatusCodes.Status501NotImplemented, RealtimeError.Invalid("transport_unavailable",
        "This version of VoiceCarnival does not do WebRTC yet. Use the WebSocket at /v1/realtime; /api/config tells what is available.")));
}
