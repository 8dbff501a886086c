using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Testing.Net;

/// <summary>A TCP forwarder that a test can cut, stall or close to new connections, as networks do.</summary>
public sealed class BreakableLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly Task _accepting;
    private volatile bool _isStalled;

    /// <summary>Forwards to a port of this machine.</summary>
    public BreakableLine(int port)
    {
        Target = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where callers connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Port to which new connections are forwarded.</summary>
    public int Target { get; set; }

    /// <summary>How long a piece of data is on its way, milliseconds; each piece draws anew between zero and this.</summary>
    public int JitterMilliseconds { get; set; }

    /// <summary>New connections are closed at once.</summary>
    public bool IsDown { get; set; }

    /// <summary>Connections that were accepted so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Resets every connection.</summary>
    public void Cut()
    {
        // Only those that are there now: whoever comes back at once has a new one.
        foreach (var socket in _sockets.Keys.ToArray())
        {
            _sockets.TryRemove(socket, out _);
            try
            {
                socket.LingerState = new LingerOption(true, 0); // a reset, not a goodbye
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It ended by itself.
            }

            socket.Dispose();
        }
    }

    /// <summary>Nothing is forwarded any more, and nobody is told: a half-open line. New connections work.</summary>
    public void Stall() => _isStalled = true;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync();
                Accepted++;
                if (IsDown)
                {
                    near.Dispose();
                    continue;
                }

                var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                near.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, Target);
                _sockets[near] = _sockets[far] = 0;
                _isStalled = false;
                var stalled = new StrongBox();
                _ = PumpAsync(near, far, stalled);
                _ = PumpAsync(far, near, stalled);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // stopped
        }
    }

    private async Task PumpAsync(Socket from, Socket to, StrongBox stalled)
    {
        var buffer = new byte[16 * 1024];
        var random = new Random(Accepted);
        try
        {
            while (await from.ReceiveAsync(buffer) is var read and > 0)
            {
                stalled.Value |= _isStalled;
                if (stalled.Value)
                    continue;
                if (JitterMilliseconds > 0)
                    await Task.Delay(random.Next(JitterMilliseconds));
                for (int sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // cut
        }

        if (!stalled.Value)
        {
            to.Dispose();
            from.Dispose();
        }
    }

    // Whether this connection was up when the line stalled.
    private sealed class StrongBox
    {
        public bool Value { get; set; }
    }
}
