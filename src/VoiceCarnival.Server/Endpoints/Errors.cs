using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HostFiltering;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Gives every failed request OpenAI's error body, whoever failed it.</summary>
internal static class Errors
{
    private const int LongestPath = 200;

    public static IServiceCollection AddErrors(this IServiceCollection services)
    {
        services.Configure<HostFilteringOptions>(options => options.IncludeFailureMessage = false);
        services.AddExceptionHandler(options => options.ExceptionHandler = OnExceptionAsync);
        return services;
    }

    public static void UseErrors(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(page => HttpErrors.WriteAsync(page.HttpContext, Describe(page.HttpContext, page.HttpContext.Response.StatusCode)));
    }

    private static Task OnExceptionAsync(HttpContext context)
    {
        int status = context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad
            ? bad.StatusCode
            : StatusCodes.Status500InternalServerError;
        return HttpErrors.WriteAsync(context, Describe(context, status));
    }

    private static SessionRefusal Describe(HttpContext context, int status)
    {
        string path = context.Request.Path.Value ?? "/";
        if (path.Length > LongestPath)
            path = path[..LongestPath] + "…";
        string method = context.Request.Method;
        return status switch
        {
            StatusCodes.Status404NotFound => Refuse("unknown_url", $"There is nothing at {method} {path}. What this server offers is listed at /openapi/v1.json."),
            StatusCodes.Status405MethodNotAllowed => Refuse("method_not_allowed", $"{path} does not take {method}. It takes {context.Response.Headers.Allow}.{(context.Request.HasFormContentType || context.Request.ContentType?.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) == true ? " Offers of WebRTC go to POST /v1/realtime/calls." : "")}"),
            StatusCodes.Status413PayloadTooLarge => TokenRequestReader.TooLarge,
            StatusCodes.Status415UnsupportedMediaType => TokenRequestReader.NotJson,
            >= 500 => new SessionRefusal(status, new RealtimeError(RealtimeError.ServerError, "internal_error",
                "Something went wrong on this server. The log has the details. Try again later.")),
            _ => Refuse("invalid_request", $"The request could not be taken (HTTP status {status})."),
        };

        SessionRefusal Refuse(string code, string message) => new(status, RealtimeError.Invalid(code, message));
    }
}
