using System.Net;
using System.Threading.Channels;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Transports.Sip;

/// <summary>One TCP or TLS connection: cuts messages from it, and writes what is queued.</summary>
internal sealed class SipStreamConnection : IDisposable
{
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PartialTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(30);
    private static readonly byte[] Pong = "\r\n"u8.ToArray();
    private readonly Stream _stream;
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(256);

    public SipStreamConnection(long id, SipTransport transport, Stream stream, IPEndPoint local, IPEndPoint remote)
    {
        (Id, Transport, _stream, Local, Remote) = (id, transport, stream, local, remote);
    }

    public long Id { get; }

    public SipTransport Transport { get; }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    /// <returns>False when the peer does not read, or the connection is closed.</returns>
    public bool TrySend(ReadOnlyMemory<byte> message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Reads and writes until the peer closes, falls silent in the middle of a message, or sends what is no stream of messages.</summary>
    /// <param name="receive">Takes messages, and what is left when they cannot be told apart any more.</param>
    /// <param name="isOurs">We have opened it, so the peer need not speak first.</param>
    public async Task RunAsync(Action<byte[], SipStreamStatus> receive, bool isOurs)
    {
        var writing = WriteAsync();
        try
        {
            await ReadAsync(receive, isOurs);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The line is gone.
        }

        _outgoing.Writer.TryComplete();
        await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(1)));
        Dispose();
        await writing;
    }

    public void Dispose()
    {
        _outgoing.Writer.TryComplete();
        if (!_closing.IsCancellationRequested)
            _closing.Cancel();
        _stream.Dispose();
    }

    private async Task ReadAsync(Action<byte[], SipStreamStatus> receive, bool isOurs)
    {
        var reader = new SipStreamReader();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        bool wasPartial = !isOurs;
        deadline.CancelAfter(isOurs ? IdleTime : FirstTime);
        while (true)
        {
            int count = await _stream.ReadAsync(reader.GetRoom(), deadline.Token);
            if (count == 0)
                return;
            reader.Advance(count);
            while (true)
            {
                var status = reader.TryRead(out var message);
                if (status == SipStreamStatus.NeedsMore)
                    break;
                if (status == SipStreamStatus.Ping)
                    TrySend(Pong);
                else
                    receive(message, status);
                if (status == SipStreamStatus.Broken)
                    return;
                wasPartial = false;
            }

            // A message has one time for all its pieces, however many there are.
            if (!wasPartial || !reader.HasPartial)
                deadline.CancelAfter(reader.HasPartial ? PartialTime : IdleTime);
            wasPartial = reader.HasPartial;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(_closing.Token))
            {
                using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
                deadline.CancelAfter(WriteTime);
                await _stream.WriteAsync(message, deadline.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_closing.IsCancellationRequested)
                await _closing.CancelAsync();
        }
    }
}
