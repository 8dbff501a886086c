using VoiceCarnival.Interop.Tests;
using VoiceCarnival.Testing.Servers;

[assembly: AssemblyFixture(typeof(Servers))]

namespace VoiceCarnival.Interop.Tests;

/// <summary>Who answers: the local engine, or the OpenAI engine with a second server on the local engine behind it.</summary>
public enum Answering
{
    /// <summary>The local engine.</summary>
    Local,

    /// <summary>The OpenAI engine.</summary>
    Relayed,
}

/// <summary>Both servers, each with and without TLS, for all tests.</summary>
public sealed class Servers : IAsyncLifetime
{
    private ServerProcess? _local;
    private ServerProcess? _relay;

    /// <summary>What the servers are known by over TLS.</summary>
    public TestCertificate Certificate { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _local = await ServerProcess.StartAsync(Certificate,
            ("VoiceCarnival:Engine", "local"),
            ("VoiceCarnival:Local:Brain", "script"),
            ("VoiceCarnival:Local:Script", Path.Combine(AppContext.BaseDirectory, "conversation.json")));
        _relay = await ServerProcess.StartAsync(Certificate,
            ("VoiceCarnival:Engine", "openai"),
            ("VoiceCarnival:OpenAI:BaseUrl", new Uri(_local.Address, "v1").ToString()),
            ("VoiceCarnival:OpenAI:ApiKey", "sk-any"),
            ("VoiceCarnival:OpenAI:Voice", "alloy"));
    }

    /// <summary>The base URL that a client is given.</summary>
    public Uri BaseUrl(Answering answering, bool secure = false)
    {
        var server = answering == Answering.Local ? _local! : _relay!;
        return new Uri(secure ? server.SecureAddress : server.Address, "v1");
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is not null)
            await _relay.DisposeAsync();
        if (_local is not null)
            await _local.DisposeAsync();
        Certificate.Dispose();
    }
}
