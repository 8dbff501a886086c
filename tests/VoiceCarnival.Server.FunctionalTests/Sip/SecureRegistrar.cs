using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A trunk that takes registrations over TLS and calls back on the same connection, as hosted PBXs do: answers what a test has it answer.</summary>
internal sealed class SecureRegistrar : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = MakeCertificate();
    private readonly SipStreamReader _reader = new();
    private SslStream? _stream;

    public SecureRegistrar()
    {
        _listener.Start();
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Its certificate as PEM, for whom is to trust it.</summary>
    public string CertificateFile { get; } = Path.GetTempFileName();

    /// <summary>Takes the next connection.</summary>
    public async Task AcceptAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        var client = await _listener.AcceptTcpClientAsync(deadline.Token);
        _stream = new SslStream(client.GetStream());
        await _stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, deadline.Token);
    }

    public async Task<SipMessage> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        byte[] bytes;
        while (_reader.TryRead(out bytes) != SipStreamStatus.Message)
        {
            int count = await _stream!.ReadAsync(_reader.GetRoom(), deadline.Token);
            Assert.NotEqual(0, count);
            _reader.Advance(count);
        }

        Assert.True(SipMessage.TryRead(bytes, out var message, out var fault), fault?.Reason);
        return message;
    }

    /// <summary>Takes the double empty line that keeps the connection open.</summary>
    public async Task PingAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (_reader.TryRead(out _) != SipStreamStatus.Ping)
        {
            int count = await _stream!.ReadAsync(_reader.GetRoom(), deadline.Token);
            Assert.NotEqual(0, count);
            _reader.Advance(count);
        }
    }

    public Task AnswerAsync(SipMessage request, int status, string headers = "") => SendAsync(
        $"SIP/2.0 {status} Registrar\r\nVia: {request.GetText(SipHeaderName.Via)}\r\nFrom: {request.GetText(SipHeaderName.From)}\r\nTo: {request.GetText(SipHeaderName.To)};tag=reg\r\n"
        + $"Call-ID: {request.CallId}\r\nCSeq: {request.GetText(SipHeaderName.CSeq)}\r\n{headers}Content-Length: 0\r\n\r\n");

    public async Task SendAsync(string text) => await _stream!.WriteAsync(Encoding.ASCII.GetBytes(text));

    public void Dispose()
    {
        _stream?.Dispose();
        _listener.Dispose();
        _certificate.Dispose();
        File.Delete(CertificateFile);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registrar", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
