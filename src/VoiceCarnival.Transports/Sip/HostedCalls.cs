using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// SIP as OpenAI hosts it, by this server (API reference, "Realtime", SIP): tells an application of a call by the signed webhook <c>realtime.call.incoming</c>. It decides over
/// <c>/v1/realtime/calls/{call_id}</c>.
/// </summary>
internal sealed partial class HostedCalls(IOptions<SipOptions> options, IHttpClientFactory clients, TimeProvider time, ILogger<HostedCalls> logger)
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "sip-webhook";

    private static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];
    private readonly SipHostedOptions _options = options.Value.Hosted;
    private readonly AddressPattern[] _projects = [.. options.Value.Hosted.Projects.Select(project => new AddressPattern(project))];

    /// <summary>How long a call rings.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(_options.WaitSeconds);

    /// <summary>Whether a user part is a project's.</summary>
    public bool Takes(string user) => Array.Exists(_projects, project => project.MatchesUser(user));

    /// <summary>Delivers the webhook; again while the application is not there, as the service does.</summary>
    /// <returns>False when it could not be delivered.</returns>
    public async Task<bool> AnnounceAsync(string callId, SipCall call, CancellationToken cancellationToken)
    {
        byte[] body = BodyOf(callId, call, time.GetUtcNow());
        string id = RealtimeIds.New("wh");
        for (int tries = 0; ; tries++)
        {
            string problem;
            try
            {
                using var client = clients.CreateClient(ClientName);
                using var request = new HttpRequestMessage(HttpMethod.Post, _options.WebhookUrl) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                foreach (var (name, value) in WebhookSigner.TryCreate(_options.WebhookSecret.Reveal())!.HeadersOf(id, time.GetUtcNow(), body))
                    request.Headers.TryAddWithoutValidation(name, value);
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (answer.IsSuccessStatusCode)
                    return true;
                problem = $"HTTP {(int)answer.StatusCode}";
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                problem = exception.Message;
            }

            Log.NotDelivered(logger, callId, problem);
            if (tries == Retries.Length || cancellationToken.IsCancellationRequested)
                return false;
            await Task.Delay(Retries[tries], time, cancellationToken);
        }
    }

    private static byte[] BodyOf(string callId, SipCall call, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["object"] = "event",
        ["id"] = RealtimeIds.New("evt"),
        ["type"] = "realtime.call.incoming",
        ["created_at"] = now.ToUnixTimeSeconds(),
        ["data"] = new JsonObject
        {
            ["call_id"] = callId,
            ["sip_headers"] = new JsonArray([.. call.Headers.Select(header => (JsonNode)new JsonObject { ["name"] = header.Name, ["value"] = header.Value })]),
            ["sip_media_security"] = call.OffersEncryption ? "srtp" : "rtp",
        },
    });

    private static partial class Log
    {
        [LoggerMessage(3321, LogLevel.Warning, "The webhook of phone call {CallId} was not taken: {Problem}")]
        public static partial void NotDelivered(ILogger logger, string callId, string problem);
    }
}
