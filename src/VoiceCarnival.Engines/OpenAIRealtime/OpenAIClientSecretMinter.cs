using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// Secrets minted at the service (<c>POST realtime/client_secrets</c>) with the operator's model and voice filled in. Each is known here as well, so it opens
/// sessions through this server and past it. Where the policy keeps callers on this server, secrets are our own.
/// </summary>
internal sealed class OpenAIClientSecretMinter(IOptions<OpenAIOptions> options, SafetyIdentifier safety, IClientSecretStore secrets, SessionPolicy policy, ClientSecretMinter own) : IClientSecretMinter, IDisposable
{
    private const int LargestAnswer = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly OpenAIEndpoint _endpoint = new(options.Value);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer };

    public async ValueTask<ClientSecretMinting> MintAsync(JsonElement session, TimeSpan lifetime, Caller caller, IPAddress? address, CancellationToken cancellationToken)
    {
        var fields = SessionDefaults.Under(session, options.Value);
        if (!policy.AllowsDirectTokens)
            return await own.MintAsync(JsonSerializer.SerializeToElement(fields), lifetime, caller, address, cancellationToken);
        byte[] body = EventJson.Bytes(new JsonObject
        {
            ["expires_after"] = new JsonObject { ["anchor"] = "created_at", ["seconds"] = (int)lifetime.TotalSeconds },
            ["session"] = fields.DeepClone(),
        });
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint.Rest("realtime/client_secrets")) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            _endpoint.Authorize(request.Headers, safety.Of(caller.Name, address));
            using var response = await _http.SendAsync(request, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? Adopt(answer, fields, caller.SecretOwner)
                : new ClientSecretMinting(null, UpstreamError.Refusal(response.StatusCode, response.Headers.RetryAfter?.Delta, answer));
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ClientSecretMinting(null, UpstreamError.Unreachable(_endpoint.Authority));
        }
    }

    public void Dispose() => _http.Dispose();

    private ClientSecretMinting Adopt(byte[] answer, JsonObject fields, string? owner)
    {
        if (EventJson.Parse(answer) is { } minted && minted["value"] is JsonValue value && value.TryGetValue(out string? secret) && secret.StartsWith("ek_", StringComparison.Ordinal)
            && minted["expires_at"] is JsonValue until && until.TryGetValue(out long expiresAt) && expiresAt is > 0 and < 253_402_300_800)
        {
            using var bound = JsonDocument.Parse(EventJson.Bytes(fields));
            secrets.Adopt(secret, bound.RootElement, DateTimeOffset.FromUnixTimeSeconds(expiresAt), owner);
            using var session = JsonDocument.Parse(EventJson.Bytes(minted["session"] as JsonObject ?? fields));
            return new ClientSecretMinting(new MintedClientSecret(secret, expiresAt, session.RootElement.Clone(), _endpoint.Rest("realtime/calls").ToString()), null);
        }

        return new ClientSecretMinting(null, UpstreamError.Unknown(_endpoint.Authority, "a client secret"));
    }
}
