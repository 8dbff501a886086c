using System.Collections.Concurrent;
using System.Threading.Channels;

namespace VoiceCarnival.Interop.Tests;

/// <summary>What a client received, in order; each is looked at once.</summary>
internal sealed class Inbox<T> : IAsyncDisposable
    where T : class
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<T> _unread = Channel.CreateUnbounded<T>();
    private readonly ConcurrentQueue<T> _all = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<T, string> _name;
    private readonly Task _reading;

    public Inbox(Func<CancellationToken, IAsyncEnumerable<T>> receive, Func<T, string> name)
    {
        _name = name;
        _reading = ReadAsync(receive);
    }

    /// <summary>All that came so far.</summary>
    public IEnumerable<T> All => _all;

    /// <summary>Goes on to the next of a kind.</summary>
    public async Task<TMessage> UntilAsync<TMessage>(Func<TMessage, bool>? matches = null)
        where TMessage : T
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                if (await _unread.Reader.ReadAsync(limit.Token) is TMessage message && matches?.Invoke(message) != false)
                    return message;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"No {typeof(TMessage).Name} came; the last: {string.Join(", ", _all.TakeLast(12).Select(_name))}", exception.InnerException ?? exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(Func<CancellationToken, IAsyncEnumerable<T>> receive)
    {
        try
        {
            await foreach (var message in receive(_stop.Token))
            {
                _all.Enqueue(message);
                await _unread.Writer.WriteAsync(message);
            }

            _unread.Writer.Complete();
        }
        catch (OperationCanceledException)
        {
            _unread.Writer.Complete();
        }
        catch (Exception exception)
        {
            _unread.Writer.Complete(exception);
        }
    }
}
