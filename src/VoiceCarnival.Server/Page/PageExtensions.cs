using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace VoiceCarnival.Server.Page;

/// <summary>Serves the page from <c>wwwroot</c> and guards every response with the browser's own defences.</summary>
internal static class PageExtensions
{
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss: https:; media-src 'self' blob:; "
        + "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

    public static IServiceCollection AddPage(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);

        // Text files only: compressing an answer that holds a secret beside what the caller sent would tell its length.
        services.AddResponseCompression(options => options.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"]);
        return services;
    }

    public static void UsePage(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            context.Response.OnStarting(static state =>
            {
                AddSecurityHeaders(((HttpContext)state).Response.Headers);
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

    private static void AddSecurityHeaders(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()";
    }
}
