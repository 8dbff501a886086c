using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>Real sockets on this machine; nothing here waits for time to pass.</summary>
public sealed class LoopStreamTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<IDisposable> _open = [];

    public LoopStreamTests()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are no socket loops on this system.");
        _listener.Start();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DnsEndPoint EndPoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    public void Dispose()
    {
        foreach (var open in _open)
            open.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task PiecesOfAnySize_ArriveWholeBothWays()
    {
        var (near, far) = await PairAsync();
        byte[] sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);

        foreach (var (from, to) in new[] { (near, far), (far, near) })
        {
            var sending = SendAsync(from, sent, new Random(2));
            byte[] received = new byte[sent.Length];
            await ReceiveAsync(to, received, new Random(3));
            await sending;
            Assert.True(sent.AsSpan().SequenceEqual(received));
        }
    }

    [Fact]
    public async Task ReadOfNoBytes_WaitsUntilThereIsSomethingToRead()
    {
        var (near, far) = await PairAsync();
        var waiting = near.ReadAsync(Memory<byte>.Empty, Stop);
        Assert.False(waiting.IsCompleted);

        await far.WriteAsync("hello"u8.ToArray(), Stop);

        Assert.Equal(0, await waiting);
        byte[] bytes = new byte[10];
        Assert.Equal(5, await near.ReadAsync(bytes, Stop));
        Assert.Equal("hello"u8.ToArray(), bytes[..5]);
    }

    [Fact]
    public async Task WhatWasGivenBack_IsReadFirst()
    {
        var (near, far) = await PairAsync();
        await far.WriteAsync("world"u8.ToArray(), Stop);
        near.Unread("hello "u8.ToArray());

        byte[] bytes = new byte[11];
        await near.ReadExactlyAsync(bytes, Stop);

        Assert.Equal("hello world"u8.ToArray(), bytes);
    }

    [Fact]
    public async Task CancelledRead_TakesNothingFromTheNext()
    {
        var (near, far) = await PairAsync();
        using var cancellation = new CancellationTokenSource();
        var cancelled = near.ReadAsync(new byte[10], cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);

        var next = near.ReadAsync(new byte[10], Stop);
        await far.WriteAsync(new byte[3], Stop);

        Assert.Equal(3, await next);
    }

    [Fact]
    public async Task PeersEnd_IsToldOnce_AfterWhatItSentWasRead()
    {
        var (near, far) = await PairAsync();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        near.HungUp = told.SetResult; // a second time would throw
        await far.WriteAsync("bye"u8.ToArray(), Stop);
        await far.DisposeAsync();
        Assert.Equal(0, await near.ReadAsync(Memory<byte>.Empty, Stop));
        near.OnReady(Epoll.In | Epoll.PeerClosed); // if the loop has not said so already

        byte[] bytes = new byte[10];
        Assert.Equal(2, await near.ReadAsync(bytes.AsMemory(0, 2), Stop));
        Assert.False(told.Task.IsCompleted);
        Assert.Equal(1, await near.ReadAsync(bytes, Stop));
        Assert.Equal(0, await near.ReadAsync(bytes, Stop));
        Assert.Equal(0, await near.ReadAsync(bytes, Stop));
        await told.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task PeersEnd_IsTold_ThoughNobodyReads()
    {
        var (near, far) = await PairAsync();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        near.HungUp = told.SetResult;

        await far.DisposeAsync();

        await told.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task WriteThatFindsNoRoom_CompletesWhenThePeerReads()
    {
        var (near, far) = await PairAsync();
        byte[] much = new byte[16 * 1024 * 1024];
        var write = near.WriteAsync(much, Stop);
        Assert.False(write.IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.WriteAsync(new byte[1], Stop));

        byte[] received = new byte[much.Length];
        await far.ReadExactlyAsync(received, Stop);

        await write;
    }

    [Fact]
    public async Task Closing_FailsWhatWaitsAndWhatComesAfter()
    {
        var (near, _) = await PairAsync();
        var read = near.ReadAsync(new byte[10], Stop);
        var write = near.WriteAsync(new byte[16 * 1024 * 1024], Stop);

        await near.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(async () => await read);
        await Assert.ThrowsAsync<IOException>(async () => await write);
        await Assert.ThrowsAsync<IOException>(async () => _ = await near.ReadAsync(new byte[10], Stop));
        await Assert.ThrowsAsync<IOException>(async () => await near.WriteAsync(new byte[10], Stop));
    }

    [Fact]
    public async Task Abort_ResetsTheConnection()
    {
        var (near, far) = await PairAsync();
        var read = far.ReadAsync(new byte[10], Stop);

        near.Abort();

        await Assert.ThrowsAsync<IOException>(async () => await read);
    }

    [Fact]
    public async Task ConnectionsOneAfterAnother_DoNotHearOfEachOther()
    {
        // Places on the loops and the system's handles are used again.
        for (int i = 0; i < 300; i++)
        {
            var (near, far) = await PairAsync();
            byte[] bytes = [(byte)i, (byte)(i >> 8)];
            var read = near.ReadAsync(new byte[2], Stop);
            await far.WriteAsync(bytes, Stop);
            Assert.Equal(2, await read);
            await near.DisposeAsync();
            await far.DisposeAsync();
        }
    }

    [Fact]
    public async Task PeerThatAlwaysHasSomethingToRead_KeepsNobodyElseWaiting()
    {
        var loop = SocketLoop.Choose();
        var (busy, flood) = await PairAsync(loop);
        var (quiet, other) = await PairAsync(loop);
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var quietReads = ReadOneAsync(quiet, served);
        var busyReads = ReadUntilAsync(served.Task, busy, other, most: 300_000);

        var sending = flood.WriteAsync(new byte[300_000], Stop);
        await busyReads;

        Assert.True(served.Task.IsCompleted);
        await quietReads;
        await busy.DisposeAsync();
        await flood.DisposeAsync();
        await Record.ExceptionAsync(async () => await sending); // the end of what it sent may not have been read
    }

    [Fact]
    public async Task ReadThatWaitsForItsTurn_CanBeCancelled_AndLosesNothing()
    {
        var (near, far) = await PairAsync();
        byte[] sent = new byte[1000];
        new Random(4).NextBytes(sent);
        var read = ReadAndCancelAsync(near, sent.Length);

        await far.WriteAsync(sent, Stop);

        Assert.Equal(sent, await read);
    }

    [Fact]
    public async Task PortThatNobodyListensOn_IsRefused()
    {
        var nobody = EndPoint;
        _listener.Stop();

        var refused = await Assert.ThrowsAsync<SocketException>(async () => await LoopConnector.ConnectAsync(nobody, Stop));

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    // These go on on the thread of the loop.
    private static async Task ReadOneAsync(LoopStream from, TaskCompletionSource served)
    {
        Assert.Equal(1, await from.ReadAsync(new byte[1], Stop).ConfigureAwait(false));
        served.SetResult();
    }

    private static async Task ReadUntilAsync(Task served, LoopStream from, LoopStream other, int most)
    {
        byte[] one = new byte[1];
        for (int i = 0; i < most && !served.IsCompleted; i++)
        {
            Assert.Equal(0, await from.ReadAsync(Memory<byte>.Empty, Stop).ConfigureAwait(false));
            Assert.Equal(1, await from.ReadAsync(one, Stop).ConfigureAwait(false));
            if (i == 0)
                await other.WriteAsync(one, Stop).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> ReadAndCancelAsync(LoopStream from, int length)
    {
        List<byte> received = [];
        byte[] one = new byte[1];
        while (received.Count < length)
        {
            using var cancellation = new CancellationTokenSource();
            var reading = from.ReadAsync(one, cancellation.Token);
            if (received.Count > 0 && !reading.IsCompleted)
                await cancellation.CancelAsync().ConfigureAwait(false);
            try
            {
                Assert.Equal(1, await reading.ConfigureAwait(false));
                received.Add(one[0]);
            }
            catch (OperationCanceledException)
            {
                // again
            }
        }

        return [.. received];
    }

    private async Task<(LoopStream Near, LoopStream Far)> PairAsync(SocketLoop loop)
    {
        var accepting = _listener.AcceptSocketAsync(Stop);
        var far = (LoopStream)await LoopConnector.ConnectAsync(EndPoint, Stop);
        var near = new LoopStream(await accepting, loop);
        _open.AddRange([near, far]);
        return (near, far);
    }

    private async Task<(LoopStream Near, LoopStream Far)> PairAsync()
    {
        var accepting = _listener.AcceptSocketAsync(Stop);
        var near = (LoopStream)await LoopConnector.ConnectAsync(EndPoint, Stop);
        var far = new LoopStream(await accepting);
        _open.AddRange([near, far]);
        return (near, far);
    }

    private static async Task SendAsync(LoopStream to, byte[] bytes, Random random)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(random.Next(1, 70_000), bytes.Length - at);
            await to.WriteAsync(bytes.AsMemory(at, length), Stop);
            at += length;
        }
    }

    private static async Task ReceiveAsync(LoopStream from, byte[] into, Random random)
    {
        for (int at = 0; at < into.Length;)
        {
            if (random.Next(2) == 0)
                Assert.Equal(0, await from.ReadAsync(Memory<byte>.Empty, Stop));
            int read = await from.ReadAsync(into.AsMemory(at, Math.Min(random.Next(1, 20_000), into.Length - at)), Stop);
            Assert.InRange(read, 1, into.Length - at);
            at += read;
        }
    }
}
