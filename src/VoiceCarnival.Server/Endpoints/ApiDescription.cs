using System.Text.Json;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>GET /openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        services.AddOpenApi("v1", options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "VoiceCarnival";
                document.Info.Version = ConfigEndpoint.Version;
                document.Info.Description = "An open voice gateway. Conversations speak the OpenAI Realtime protocol over the WebSocket at /v1/realtime; "
                    + "the endpoints here mint secrets for it, start and control calls, and describe the server. Errors have OpenAI's shape.";
                return Task.CompletedTask;
            });
            options.AddRealtime();
            options.AddHealth();
            options.AddSecurity();
        });
        return services;
    }

    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi();
}
