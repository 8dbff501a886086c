using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Sockets;
using VoiceCarnival.Transports.Listening;

namespace VoiceCarnival.Transports.Tests.Listening;

public sealed class LoopPipeWriterTests
{
    [Fact]
    public async Task WhatIsWritten_Arrives()
    {
        using var kept = new MemoryStream();
        var writer = new LoopPipeWriter(kept);
        Assert.False((await writer.WriteAsync("one "u8.ToArray())).IsCompleted);
        "two"u8.CopyTo(writer.GetSpan(3));
        writer.Advance(3);
        Assert.Equal(3, writer.UnflushedBytes);
        Assert.False((await writer.FlushAsync()).IsCompleted);
        await writer.CompleteAsync();
        Assert.Equal("one two", System.Text.Encoding.ASCII.GetString(kept.ToArray()));
    }

    [Fact]
    public async Task ConnectionThatWasReset_CompletesTheFlush_AndTheWriterQuietly()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are socket loops on Linux only.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var caller = new TcpClient();
        await caller.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        await using var stream = new LoopStream(await listener.AcceptSocketAsync(TestContext.Current.CancellationToken));
        var hungUp = new TaskCompletionSource();
        stream.HungUp = () => hungUp.TrySetResult();
        caller.LingerState = new LingerOption(true, 0);
        caller.Close();
        await hungUp.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        var writer = new LoopPipeWriter(stream);
        FlushResult last = default;
        for (int i = 0; i < 3 && !last.IsCompleted; i++)
            last = await writer.WriteAsync(new byte[100], TestContext.Current.CancellationToken);
        Assert.True(last.IsCompleted);
        Assert.False(last.IsCanceled);
        stream.Abort();
        Assert.True((await writer.WriteAsync(new byte[100], TestContext.Current.CancellationToken)).IsCompleted);
        writer.Complete();
    }
}
