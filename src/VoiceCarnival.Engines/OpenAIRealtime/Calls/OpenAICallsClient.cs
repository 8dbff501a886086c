using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>A call the service has made.</summary>
/// <param name="CallId"><c>rtc_…</c></param>
/// <param name="Answer">SDP, UTF-8.</param>
/// <param name="Refusal">Why there is none.</param>
internal readonly record struct CreatedCall(string? CallId, ReadOnlyMemory<byte> Answer, SessionRefusal? Refusal);

/// <summary>The service's REST interface to calls (API reference, "Realtime", calls).</summary>
internal sealed class OpenAICallsClient(IOptions<OpenAIOptions> options) : IDisposable
{
    private const int LargestAnswer = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly OpenAIEndpoint _endpoint = new(options.Value);
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer };

    /// <summary>Exchanges an SDP offer for an answer, <c>POST realtime/calls</c>.</summary>
    public async Task<CreatedCall> CreateAsync(ReadOnlyMemory<byte> sdp, JsonObject session, string? safetyIdentifier, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint.Rest("realtime/calls")) { Content = Form(sdp, session) };
            _endpoint.Authorize(request.Headers, safetyIdentifier);
            using var response = await _http.SendAsync(request, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                return new CreatedCall(null, default, UpstreamError.Refusal(response.StatusCode, response.Headers.RetryAfter?.Delta, answer));
            return CallIdOf(response.Headers.Location) is { } callId
                ? new CreatedCall(callId, answer, null)
                : new CreatedCall(null, default, UpstreamError.Unknown(_endpoint.Authority, "a call with an id"));
        }
        catch (Exception exception) when (IsFailure(exception, cancellationToken))
        {
            return new CreatedCall(null, default, UpstreamError.Unreachable(_endpoint.Authority));
        }
    }

    /// <summary>Acts on a call: <c>accept</c>, <c>reject</c>, <c>refer</c> or <c>hangup</c>. Null when it is done.</summary>
    public async Task<SessionRefusal?> ActAsync(string callId, string action, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint.Rest($"realtime/calls/{Uri.EscapeDataString(callId)}/{action}"));
            if (body is not null)
            {
                request.Content = new ByteArrayContent(EventJson.Bytes(body));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            _endpoint.Authorize(request.Headers, null);
            using var response = await _http.SendAsync(request, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? null : UpstreamError.Refusal(response.StatusCode, response.Headers.RetryAfter?.Delta, answer);
        }
        catch (Exception exception) when (IsFailure(exception, cancellationToken))
        {
            return UpstreamError.Unreachable(_endpoint.Authority);
        }
    }

    /// <summary>True for what another try may mend.</summary>
    public static bool IsTransient(SessionRefusal refusal) => refusal.Status is 408 or 429 or >= 500;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    // As the official SDK sends it: both parts without a file name, the boundary without quotes.
    private static MultipartFormDataContent Form(ReadOnlyMemory<byte> sdp, JsonObject session)
    {
        string boundary = "voicecarnival-" + Guid.NewGuid().ToString("N");
        var form = new MultipartFormDataContent(boundary)
        {
            Part("sdp", new ReadOnlyMemoryContent(sdp), "application/sdp"),
            Part("session", new ByteArrayContent(EventJson.Bytes(session)), "application/json"),
        };
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + boundary);
        return form;
    }

    private static HttpContent Part(string name, HttpContent content, string type)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = $"\"{name}\"" };
        return content;
    }

    private static string? CallIdOf(Uri? location)
    {
        string? last = location?.OriginalString.Split('?')[0].TrimEnd('/').Split('/')[^1];
        return VoiceCall.IsId(last) ? last : null;
    }
}
