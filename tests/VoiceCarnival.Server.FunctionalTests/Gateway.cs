using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>The whole server on a real port, with a fake engine or the local one.</summary>
public sealed class Gateway : WebApplicationFactory<Program>
{
    private readonly (string Key, string Value)[] _settings;
    private readonly Action<IServiceCollection>? _services;
    private readonly bool _localEngine;

    public Gateway()
        : this([])
    {
    }

    internal Gateway((string Key, string Value)[] settings, Action<IServiceCollection>? services = null, bool localEngine = false)
    {
        _localEngine = localEngine;
        _settings = settings;
        _services = services;
        // Not UseKestrel(0): the factory sets that port on a server that the program may have started already, which then fails.
        UseKestrel();
        StartServer();
        Client = CreateDefaultClient(new Uri($"http://127.0.0.1:{ClientOptions.BaseAddress.Port}"));
    }

    internal FakeEngine Engine { get; } = new();

    /// <summary>Where the server listens.</summary>
    public Uri Address => Client.BaseAddress!;

    /// <summary>Calls the server over a real socket.</summary>
    public HttpClient Client { get; }

    public static string RepositoryRoot { get; } = FindRoot();

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement.Clone();

    /// <summary>Asserts OpenAI's error shape and returns the error.</summary>
    public static async Task<JsonElement> ErrorOf(HttpResponseMessage response, HttpStatusCode status)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = JsonDocument.Parse(body).RootElement.GetProperty("error").Clone();
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(p => p.Name).Order());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        return error;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseContentRoot(RepositoryRoot);
        builder.UseEnvironment("Production");
        builder.UseUrls("http://127.0.0.1:0");
        builder.UseSetting("Serilog:MinimumLevel:Default", "Fatal");
        builder.UseSetting("Serilog:MinimumLevel:Override:Microsoft.AspNetCore", "Fatal");
        // The echo of most tests is the caller's own sound, whatever is installed on this machine.
        if (_localEngine)
        {
            builder.UseSetting("VoiceCarnival:Local:Echo", "audio");
            builder.UseSetting("VoiceCarnival:Local:SpeechToText:Provider", "none");
        }

        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
        builder.ConfigureTestServices(services =>
        {
            if (!_localEngine)
                services.AddSingleton<IVoiceEngine>(Engine);
            _services?.Invoke(services);
        });
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "VoiceCarnival.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("no repository root above the tests");
        return folder.FullName;
    }
}
