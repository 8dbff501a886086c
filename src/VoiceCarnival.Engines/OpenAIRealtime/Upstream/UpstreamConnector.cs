using System.Net;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sockets;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>Outcome of opening an upstream: the connection, or why there is none and whether another try may help.</summary>
internal readonly record struct UpstreamOpening(UpstreamConnection? Connection, SessionRefusal? Refusal, bool MayRetry);

/// <summary>Opens connections to the API. One HTTP handler serves all of them.</summary>
internal sealed class UpstreamConnector(IOptions<OpenAIOptions> options, WebSocketWatch watch, TimeProvider time) : IDisposable
{
    private readonly OpenAIEndpoint _endpoint = new(options.Value);
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // a redirect would carry the key elsewhere
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 32,
        ConnectCallback = LoopStream.IsSupported ? static (context, cancellationToken) => LoopConnector.ConnectAsync(context.DnsEndPoint, cancellationToken) : null,
    });

    private readonly WebSocketLimits _limits = new()
    {
        LargestMessage = 64 * 1024 * 1024, // conversation.item.retrieved carries an item's whole audio
        SoftLimit = 512 * 1024,
        HardLimit = 32 * 1024 * 1024, // an append of 15 MiB as base64, and what waits before it
        WriteTimeout = TimeSpan.FromSeconds(15),
        PingAfter = TimeSpan.FromSeconds(10),
        PingAfterSending = TimeSpan.FromSeconds(2),
        PongTimeout = TimeSpan.FromSeconds(options.Value.PongTimeoutSeconds),
    };

    /// <summary>Where sessions of a type and model are.</summary>
    public Uri AddressOf(string type, string model) => type == "transcription" ? _endpoint.Transcription() : _endpoint.Conversation(model);

    /// <summary>Where the events of a call are whose media go elsewhere.</summary>
    public Uri SidebandOf(string callId) => _endpoint.Sideband(callId);

    /// <summary>Opens a connection; it is silent until started.</summary>
    public async Task<UpstreamOpening> OpenAsync(Uri address, string? safetyIdentifier, IUpstreamReceiver receiver, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.Value.ConnectSeconds));
        try
        {
            var stream = await WebSocketClient.ConnectAsync(_http, address, _endpoint.Headers(safetyIdentifier), "realtime", deadline.Token);
            return new UpstreamOpening(new UpstreamConnection(stream, _limits, watch, time, receiver), null, false);
        }
        catch (WebSocketRefusedException refused)
        {
            return new UpstreamOpening(null, UpstreamError.Refusal(refused.Status, refused.RetryAfter, refused.Body), IsTransient(refused.Status));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new UpstreamOpening(null, UpstreamError.Unreachable(_endpoint.Authority), true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsTransient(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;
}
