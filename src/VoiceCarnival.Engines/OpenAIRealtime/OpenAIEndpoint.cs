using System.Net.Http.Headers;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Addresses and credentials of the API behind <see cref="OpenAIOptions"/> (reference: "Realtime", WebSocket and REST).</summary>
public sealed class OpenAIEndpoint
{
    private readonly OpenAIOptions _options;
    private readonly Uri _base;
    private readonly bool _isAzure;

    /// <summary>Reads the settings, which were checked at the start.</summary>
    public OpenAIEndpoint(OpenAIOptions options)
    {
        _options = options;
        _base = new Uri(options.BaseUrl.TrimEnd('/') + "/");
        _isAzure = options.Azure ?? _base.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Host and port, for logs.</summary>
    public string Authority => _base.Authority;

    /// <summary>A REST address.</summary>
    /// <param name="path">Without a leading slash, such as <c>realtime/client_secrets</c>.</param>
    public Uri Rest(string path) => new(_base, path);

    /// <summary><c>wss …/realtime?model=…</c></summary>
    public Uri Conversation(string model) => Socket("model=" + Uri.EscapeDataString(model));

    /// <summary><c>wss …/realtime?intent=transcription</c></summary>
    public Uri Transcription() => Socket("intent=transcription");

    /// <summary><c>wss …/realtime?call_id=…</c>: events of a call whose media go elsewhere.</summary>
    public Uri Sideband(string callId) => Socket("call_id=" + Uri.EscapeDataString(callId));

    /// <summary>The headers every request carries, the key among them.</summary>
    /// <param name="safetyIdentifier">Keyed hash of the end user, sent as <c>OpenAI-Safety-Identifier</c>; null for none.</param>
    public IEnumerable<KeyValuePair<string, string>> Headers(string? safetyIdentifier)
    {
        if (!_options.ApiKey.IsEmpty)
            yield return _isAzure ? new("api-key", _options.ApiKey.Reveal()) : new("Authorization", "Bearer " + _options.ApiKey.Reveal());
        if (!string.IsNullOrEmpty(_options.Organization))
            yield return new("OpenAI-Organization", _options.Organization);
        if (!string.IsNullOrEmpty(_options.Project))
            yield return new("OpenAI-Project", _options.Project);
        if (!string.IsNullOrEmpty(safetyIdentifier))
            yield return new("OpenAI-Safety-Identifier", safetyIdentifier);
    }

    /// <summary>Adds <see cref="Headers"/> to a request.</summary>
    public void Authorize(HttpRequestHeaders headers, string? safetyIdentifier)
    {
        foreach (var (name, value) in Headers(safetyIdentifier))
            headers.TryAddWithoutValidation(name, value);
    }

    private Uri Socket(string query) =>
        new UriBuilder(new Uri(_base, "realtime")) { Scheme = _base.Scheme == "https" ? "wss" : "ws", Port = _base.Port, Query = query }.Uri;
}
