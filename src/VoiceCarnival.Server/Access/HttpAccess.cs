using System.Net;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using VoiceCarnival.Server.Endpoints;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Access;

/// <summary>Who may call over HTTP, from which pages, through which proxies and how often.</summary>
internal static class HttpAccess
{
    /// <summary>The CORS policy of endpoints that other pages may use.</summary>
    public const string CorsPolicy = "configured origins";

    public static IServiceCollection AddHttpAccess(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddTokenAccess(settings.GetSection("Access"));
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<OriginPolicy>((cors, origins) => cors.AddPolicy(CorsPolicy, policy => policy
            .SetIsOriginAllowed(origins.IsConfigured)
            .AllowAnyHeader()
            .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
            .WithExposedHeaders("Location", "Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        services.AddRateLimits();
        services.AddSingleton<TokenMint>();
        return services;
    }

    /// <summary>Between routing and the endpoints. CORS comes first, so that other pages can read a refusal too.</summary>
    public static void UseHttpAccess(this WebApplication app)
    {
        app.UseRouting();
        app.UseCors();
        app.UseRateLimiter();
        if (app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.Jwt.IsConfigured)
            app.UseAuthentication();
    }

    /// <summary>Believes <c>X-Forwarded-*</c> headers of the configured proxies and of nobody else.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        string[] trusted = app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.TrustedProxies;
        if (trusted.Length == 0)
            return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (string value in trusted)
        {
            if (IPAddress.TryParse(value, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(value));
        }

        app.UseForwardedHeaders(options);
    }
}
