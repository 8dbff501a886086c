using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The page over https: the socket is <c>wss</c>, and over HTTP/2 it opens in another way (RFC 8441).</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly string _certificate = Path.Combine(Path.GetTempPath(), $"certificate-{Guid.NewGuid():N}.pfx");

    public void Dispose() => File.Delete(_certificate);

    [Fact]
    public async Task PageOverHttps_TalksOverWss()
    {
        await File.WriteAllBytesAsync(_certificate, SelfSigned());
        await using var server = await ServerProcess.StartAsync(
            ("Kestrel:Certificates:Default:Path", _certificate), ("Kestrel:Certificates:Default:Password", "test"));
        await using var browser = await Browser.LaunchAsync(SpeakingBrowser.Microphone);
        await using var page = await browser.OpenAsync(server.Address);
        var sockets = new List<string>();
        page.Page.WebSocket += (_, socket) => sockets.Add(socket.Url);

        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");

        Assert.All(sockets, url => Assert.StartsWith("wss://", url, StringComparison.Ordinal));
        Assert.Single(sockets);
        Assert.Empty(page.Errors);
    }

    private static byte[] SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        return certificate.Export(X509ContentType.Pfx, "test");
    }
}
