using System.Net.Mime;
using Microsoft.OpenApi;
using VoiceCarnival.Server.Access;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>What our API endpoints have in common.</summary>
internal static class EndpointConventions
{
    /// <summary>Callable from pages of the configured origins, rate limited.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes, string rateLimit)
    {
        var group = routes.MapGroup("");
        group.RequireCors(HttpAccess.CorsPolicy).RequireRateLimiting(rateLimit);
        group.AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        return group;
    }

    /// <summary>Describes refusals in the API description.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
            endpoint.Produces<ErrorBody>(status);
        return endpoint;
    }

    /// <summary>Describes a JSON body that the endpoint reads by itself.</summary>
    public static RouteHandlerBuilder TakesJson(this RouteHandlerBuilder endpoint, bool isRequired, string description) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = isRequired,
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [MediaTypeNames.Application.Json] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
            };
            return Task.CompletedTask;
        });

    /// <summary>A path at the host that the caller used: below the same prefix, where a proxy has one.</summary>
    public static string RelativeUrl(this HttpRequest request, string path) => request.PathBase.ToUriComponent() + path;

    /// <summary>An absolute URL at the address that the caller used.</summary>
    public static string AbsoluteUrl(this HttpRequest request, string path, bool isWebSocket = false) =>
        $"{(isWebSocket ? (request.IsHttps ? "wss" : "ws") : request.Scheme)}://{request.Host.ToUriComponent()}{request.PathBase}{path}";
}
