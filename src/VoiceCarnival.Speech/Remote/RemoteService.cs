using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using OpenAI;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Remote;

/// <summary>
/// A server with OpenAI's HTTP API, asked with a deadline. Whatever goes wrong comes out as a <see cref="ModelServiceException"/> in the server's own words. Nothing is asked twice: somebody is waiting for the
/// answer to what was just said.
/// </summary>
internal sealed class RemoteService
{
    // A server without a key is sent one all the same, since the client insists on it.
    private const string NoKey = "none";

    private readonly RemoteServiceOptions _options;
    private readonly TimeProvider _time;
    private readonly string _name;

    /// <param name="name">Which service; a name of <see cref="ModelServiceException"/>.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Clock of the deadlines.</param>
    public RemoteService(string name, RemoteServiceOptions options, TimeProvider time)
    {
        _name = name;
        _options = options;
        _time = time;
        Endpoint = new Uri(string.IsNullOrWhiteSpace(options.BaseUrl) ? "https://api.openai.com/v1" : options.BaseUrl);
        Client = new OpenAIClient(
            new ApiKeyCredential(options.ApiKey.IsEmpty ? NoKey : options.ApiKey.Reveal()),
            new OpenAIClientOptions { Endpoint = Endpoint, RetryPolicy = new ClientRetryPolicy(maxRetries: 0), NetworkTimeout = Timeout.InfiniteTimeSpan });
    }

    /// <summary>Where its API begins.</summary>
    public Uri Endpoint { get; }

    /// <summary>The client; it throws what it likes, so it is used within <see cref="AskAsync"/> and <see cref="StreamAsync"/>.</summary>
    public OpenAIClient Client { get; }

    private TimeSpan Longest => TimeSpan.FromSeconds(_options.TimeoutSeconds);

    /// <summary>Asks for one answer.</summary>
    /// <exception cref="ModelServiceException">There is none.</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Longest, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await ask(both.Token).WaitAsync(both.Token);
        }
        catch (Exception exception) when (!IsTheCallers(exception, cancellationToken))
        {
            throw Failure(exception, deadline.IsCancellationRequested);
        }
    }

    /// <summary>Asks for an answer that comes in parts, each of which has the deadline anew.</summary>
    /// <exception cref="ModelServiceException">There is none, or it broke off.</exception>
    public async IAsyncEnumerable<T> StreamAsync<T>(Func<CancellationToken, IAsyncEnumerable<T>> ask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Longest, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await using var parts = ask(both.Token).GetAsyncEnumerator(both.Token);
        while (true)
        {
            try
            {
                if (!await parts.MoveNextAsync())
                    yield break;
                deadline.CancelAfter(Timeout.InfiniteTimeSpan); // the reader may take its time
            }
            catch (Exception exception) when (!IsTheCallers(exception, cancellationToken))
            {
                throw Failure(exception, deadline.IsCancellationRequested);
            }

            yield return parts.Current;
            deadline.CancelAfter(Longest);
        }
    }

    /// <summary>What the server complains of in the middle of an answer that had begun well.</summary>
    /// <param name="error">The value of <c>error</c>, JSON.</param>
    public ModelServiceException Complaint(ReadOnlyMemory<byte> error) => RemoteError.Of(error, _name, _options.ApiKey.Reveal());

    private static bool IsTheCallers(Exception exception, CancellationToken cancellationToken) =>
        exception is ModelServiceException or OutOfMemoryException || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private ModelServiceException Failure(Exception exception, bool isLate) => isLate
        ? new ModelServiceException(_name, "timeout", $"The server for {_name} did not answer within {_options.TimeoutSeconds} seconds.", exception)
        : RemoteError.Of(exception, _name, _options.ApiKey.Reveal());
}
