using System.Threading.Channels;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// Messages on their way to one caller. Many may add, one takes. Past the soft limit adding still works but asks the engine to hold audio; past the
/// hard limit the queue is given up, so a reader that never reads costs a bounded amount of memory.
/// </summary>
internal sealed class OutboundQueue(int softLimit, int hardLimit)
{
    private readonly Channel<OutboundMessage> _messages =
        Channel.CreateUnbounded<OutboundMessage>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });

    private int _bytes;
    private int _asked;

    /// <summary>True once the hard limit was passed.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Bytes waiting.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <summary>Adds a message and takes over its buffer.</summary>
    /// <returns>False when there is more waiting than there should be.</returns>
    public bool Add(in OutboundMessage message)
    {
        int bytes = Interlocked.Add(ref _bytes, message.Length);
        if (bytes > hardLimit && message.Goodbye is null)
        {
            Overflowed = true;
            message.Release();
            Interlocked.Add(ref _bytes, -message.Length);
            _messages.Writer.TryComplete();
            return false;
        }

        if (!_messages.Writer.TryWrite(message))
        {
            message.Release();
            Interlocked.Add(ref _bytes, -message.Length);
            return false;
        }

        if (bytes <= softLimit)
            return true;
        Volatile.Write(ref _asked, 1);
        // The reader may have emptied the queue between the sum and the note; then nobody would ever call for more.
        return Bytes <= softLimit / 2 && Interlocked.Exchange(ref _asked, 0) == 1;
    }

    /// <summary>No more will come; what is there is still taken.</summary>
    public void Complete() => _messages.Writer.TryComplete();

    /// <summary>Waits for a message.</summary>
    public ValueTask<bool> WaitAsync() => _messages.Reader.WaitToReadAsync();

    /// <summary>Takes a message; the taker releases it and then calls <see cref="Written"/>.</summary>
    public bool TryTake(out OutboundMessage message) => _messages.Reader.TryRead(out message);

    /// <summary>A message has been written.</summary>
    /// <returns>True when the engine was asked to hold audio and may now go on.</returns>
    public bool Written(int length) =>
        Interlocked.Add(ref _bytes, -length) <= softLimit / 2 && Interlocked.Exchange(ref _asked, 0) == 1;
}
