using System.IO.Pipelines;
using System.Text;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Transports.Tests.WebSocket;

public sealed class ConnectionStreamTests : IDisposable
{
    private readonly Pipe _toUs = new(new PipeOptions(minimumSegmentSize: 16, useSynchronizationContext: false));
    private readonly Pipe _fromUs = new(new PipeOptions(pauseWriterThreshold: 8, resumeWriterThreshold: 4, useSynchronizationContext: false));
    private readonly ConnectionStream _stream;

    public ConnectionStreamTests() => _stream = new ConnectionStream(new Ends(_toUs.Reader, _fromUs.Writer));

    public void Dispose() => _stream.Dispose();

    [Fact]
    public async Task Bytes_in_many_pieces_are_read_in_order_whatever_the_buffers_size()
    {
        byte[] sent = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        foreach (byte[] piece in sent.Chunk(30))
            await _toUs.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);
        await _toUs.Writer.CompleteAsync();
        var received = new List<byte>();
        byte[] buffer = new byte[37];
        while (await _stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and int read)
            received.AddRange(buffer.AsSpan(0, read));
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_read_waits_for_bytes_and_gives_zero_at_the_end()
    {
        byte[] buffer = new byte[8];
        var waiting = _stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await _toUs.Writer.WriteAsync(Encoding.ASCII.GetBytes("abc"), TestContext.Current.CancellationToken);
        Assert.Equal(3, await waiting);
        var end = _stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        await _toUs.Writer.CompleteAsync();
        Assert.Equal(0, await end);
    }

    [Fact]
    public async Task A_write_past_what_the_connection_holds_waits_until_it_was_sent()
    {
        var write = _stream.WriteAsync(new byte[9], TestContext.Current.CancellationToken);
        Assert.False(write.IsCompleted);
        var sent = await _fromUs.Reader.ReadAsync(TestContext.Current.CancellationToken);
        _fromUs.Reader.AdvanceTo(sent.Buffer.End);
        await write;
        Assert.Equal(9, sent.Buffer.Length);
    }

    [Fact]
    public async Task Writing_to_a_connection_that_is_gone_fails()
    {
        await _fromUs.Reader.CompleteAsync();
        await Assert.ThrowsAsync<IOException>(async () => await _stream.WriteAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broken_connection_fails_the_read()
    {
        var waiting = _stream.ReadAsync(new byte[8], TestContext.Current.CancellationToken);
        await _toUs.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAsync<IOException>(async () => await waiting);
    }

    [Fact]
    public async Task Disposing_ends_the_read_and_the_write_under_way()
    {
        var reading = _stream.ReadAsync(new byte[8], TestContext.Current.CancellationToken);
        var writing = _stream.WriteAsync(new byte[9], TestContext.Current.CancellationToken);
        await _stream.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(async () => await reading);
        await Assert.ThrowsAsync<IOException>(async () => await writing);
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
