using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Sockets;
using VoiceCarnival.Transports.Listening;

namespace VoiceCarnival.Transports.Tests.Listening;

/// <summary>The end of a connection as Kestrel and the peer see it, over real sockets.</summary>
public sealed class LoopListenerTests : IAsyncDisposable
{
    private readonly TcpClient _caller = new();
    private IConnectionListener? _listener;
    private ConnectionContext? _connection;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_listener is not null)
            await _listener.DisposeAsync();
    }

    [Fact]
    public async Task CallerThatHangsUpAfterItsLastWords_IsHeardToTheEnd()
    {
        var connection = await ConnectAsync();
        await _caller.GetStream().WriteAsync("last words"u8.ToArray(), Stop);
        _caller.Client.Shutdown(SocketShutdown.Send);

        var read = await connection.Transport.Input.ReadAtLeastAsync(10, Stop);

        Assert.Equal(10, read.Buffer.Length);
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await connection.Transport.Input.ReadAsync(Stop)).IsCompleted);
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task CallerThatHangsUpWhileNobodyReads_ClosesTheConnection()
    {
        var connection = await ConnectAsync();
        _caller.Client.Shutdown(SocketShutdown.Send);
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task StreamThatWasTakenOver_IsNotClosedUnderWhoTookIt()
    {
        var connection = await ConnectAsync();
        var caller = _caller.GetStream();
        await using var stream = ((LoopDuplexPipe)connection.Transport).TakeStream();
        _caller.Client.Shutdown(SocketShutdown.Send);
        byte[] bytes = new byte[10];
        Assert.Equal(0, await stream.ReadAsync(bytes, Stop));

        await stream.WriteAsync("goodbye"u8.ToArray(), Stop);

        await caller.ReadExactlyAsync(bytes.AsMemory(0, 7), Stop);
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task AbortWithoutReason_IsAnEndAfterWhatWasWritten()
    {
        var connection = await ConnectAsync();
        await connection.Transport.Output.WriteAsync("goodbye"u8.ToArray(), Stop);

        connection.Abort(null!);

        byte[] bytes = new byte[10];
        Assert.Equal(7, await _caller.GetStream().ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, Stop));
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task AbortWithAReason_IsAReset()
    {
        var connection = await ConnectAsync();
        var read = _caller.GetStream().ReadAsync(new byte[10], Stop);

        connection.Abort(new ConnectionAbortedException());

        await Assert.ThrowsAsync<IOException>(async () => await read);
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task ListenerOfTheEndThatThrows_DoesNotEndTheProcess()
    {
        var connection = await ConnectAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(() =>
        {
            asked.SetResult();
            throw new NotSupportedException();
        });

        _caller.Close();

        await asked.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task NoDescriptorsForAWhile_TheCallerWaits_AndIsServedWhenThereAreSome()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are no socket loops on this system.");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var refusals = new Queue<SocketError>([SocketError.TooManyOpenSockets, SocketError.NoBufferSpaceAvailable, SocketError.ConnectionReset]);
        var log = new Levels();
        _listener = new LoopListener(socket, stop => refusals.TryDequeue(out var error) ? throw new SocketException((int)error) : socket.AcceptAsync(stop), log);

        var accepting = _listener.AcceptAsync(Stop);
        await _caller.ConnectAsync((IPEndPoint)_listener.EndPoint, Stop);
        _connection = await accepting;

        Assert.NotNull(_connection);
        Assert.Empty(refusals);
        Assert.Single(log.Logged, LogLevel.Warning); // not once for each try
    }

    private static async Task ClosedAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Stop);
    }

    private async Task<ConnectionContext> ConnectAsync()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are no socket loops on this system.");
        _listener = await new LoopListenerFactory(NullLogger<LoopListenerFactory>.Instance).BindAsync(new IPEndPoint(IPAddress.Loopback, 0), Stop);
        await _caller.ConnectAsync((IPEndPoint)_listener.EndPoint, Stop);
        _connection = await _listener.AcceptAsync(Stop);
        return Assert.IsAssignableFrom<ConnectionContext>(_connection);
    }

    private sealed class Levels : ILogger
    {
        public List<LogLevel> Logged { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Logged.Add(logLevel);
    }
}
