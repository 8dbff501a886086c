using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime;

namespace VoiceCarnival.Server.Page;

/// <summary>Serves the page from <c>wwwroot</c> and guards every response with the browser's own defences.</summary>
internal static class PageExtensions
{
    public static IServiceCollection AddPage(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);

        // Text files only: compressing an answer that holds a secret beside what the caller sent would tell its length.
        services.AddResponseCompression(options => options.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"]);
        return services;
    }

    public static void UsePage(this WebApplication app)
    {
        string policy = ContentSecurityPolicy(app.Services.GetRequiredService<IOptions<OpenAIOptions>>().Value);
        app.Use((context, next) =>
        {
            context.Response.OnStarting(state =>
            {
                AddSecurityHeaders(((HttpContext)state).Response.Headers, policy);
                return Task.CompletedTask;
            }, context);
            return next(context);
        });
        app.UseResponseCompression();
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            // Checked on each visit by ETag, so that page and server never differ in version.
            OnPrepareResponse = static file => file.Context.Response.Headers.CacheControl = "no-cache",
        });
    }

    private static string ContentSecurityPolicy(OpenAIOptions service)
    {
        // Direct calls take the page to the service, which is reached by https unless the operator has said otherwise.
        string plain = Uri.TryCreate(service.BaseUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp ? " " + url.GetLeftPart(UriPartial.Authority) : "";
        return $"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss: https:{plain}; media-src 'self' blob:; "
            + "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    }

    private static void AddSecurityHeaders(IHeaderDictionary headers, string policy)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()";
    }
}
