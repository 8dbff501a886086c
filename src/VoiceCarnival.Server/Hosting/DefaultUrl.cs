namespace VoiceCarnival.Server.Hosting;

/// <summary>Where the server listens when nobody says.</summary>
internal static class DefaultUrl
{
    public const string Value = "http://localhost:5080";

    /// <summary>
    /// Set in code and not in appsettings.json: a <c>Urls</c> there would win over <c>ASPNETCORE_URLS</c>, and any URL makes the server ignore
    /// <c>ASPNETCORE_HTTP_PORTS</c>.
    /// </summary>
    public static void AddDefaultUrl(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        bool isConfigured = !string.IsNullOrEmpty(configuration[WebHostDefaults.ServerUrlsKey])
            || !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpPortsKey])
            || !string.IsNullOrEmpty(configuration[WebHostDefaults.HttpsPortsKey])
            || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!isConfigured)
            builder.WebHost.UseUrls(Value);
    }
}
