using System.Net;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Tells whether the service can be reached and takes the key. Asks at most every few seconds, whoever wants to know.</summary>
internal sealed class OpenAIHealth(IOptions<OpenAIOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly OpenAIEndpoint _endpoint = new(options.Value);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience };
    private readonly SemaphoreSlim _one = new(1);
    private EngineHealth _last = EngineHealth.Healthy;
    private long? _askedAt;

    public async ValueTask<EngineHealth> CheckAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_askedAt is { } asked && time.GetElapsedTime(asked) < Freshness)
                return _last;
            _last = await AskAsync(cancellationToken);
            _askedAt = time.GetTimestamp();
            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _one.Dispose();
    }

    private async Task<EngineHealth> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _endpoint.Rest("models"));
            _endpoint.Authorize(request.Headers, null);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            // Compatible servers need not have this path; that they answer at all is what counts.
            return response.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new EngineHealth(false, "the service does not take the key in VoiceCarnival:OpenAI:ApiKey"),
                >= HttpStatusCode.InternalServerError => new EngineHealth(false, $"the service answers with HTTP {(int)response.StatusCode}"),
                _ => EngineHealth.Healthy,
            };
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new EngineHealth(false, $"the service at {_endpoint.Authority} cannot be reached");
        }
    }
}
