using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Server.Page;

/// <summary>Serves the page from <c>wwwroot</c> and guards every response with the browser's own defences.</summary>
internal static class PageExtensions
{
    private const string BeforeConnect = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'";
    private const string AfterConnect = "; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

    public static IServiceCollection AddPage(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);

        // Text files only: compressing an answer that holds a secret beside what the caller sent would tell its length.
        services.AddResponseCompression(options => options.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"]);
        return services;
    }

    public static void UsePage(this WebApplication app)
    {
        // The page talks to this server, and where calls go past it, to the service's: to nobody else.
        string service = app.Services.GetService<ICallReports>() is null ? "" : " " + new Uri(app.Services.GetRequiredService<IOptions<OpenAIOptions>>().Value.BaseUrl).GetLeftPart(UriPartial.Authority);
        app.Use((context, next) =>
        {
            context.Response.OnStarting(static state =>
            {
                var (context, service) = ((HttpContext, string))state;
                AddSecurityHeaders(context, service);
                return Task.CompletedTask;
            }, (context, service));
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

    private static void AddSecurityHeaders(HttpContext context, string service)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Older browsers do not count the WebSocket of the same host as 'self'. Host filtering and the URI's own escaping keep the name from being more than one.
        string host = context.Request.Host.ToUriComponent();
        string socket = host.Length > 0 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']') ? $" {(context.Request.IsHttps ? "wss" : "ws")}://{host}" : "";
        headers.ContentSecurityPolicy = BeforeConnect + socket + service + AfterConnect;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()";
    }
}
