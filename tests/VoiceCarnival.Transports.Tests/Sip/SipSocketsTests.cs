using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Transactions;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

/// <summary>Which connections messages of ours take.</summary>
public sealed class SipSocketsTests
{
    private const int Messages = 20;

    [Fact]
    public async Task MessagesThatGoTheSameWay_ShareTheConnectionThatIsBeingOpened()
    {
        using var peer = new Listener(IPAddress.Loopback);
        await using var sockets = Open();
        var failures = new SemaphoreSlim(0);
        sockets.Failed = _ => failures.Release();

        for (int i = 0; i < Messages; i++)
            sockets.Send(MessageTo("127.0.0.1", peer.Port, SipTransport.Tls));

        // All of them wait for one handshake, which comes to nothing.
        await peer.HangUpAsync();
        for (int i = 0; i < Messages; i++)
            Assert.True(await failures.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.False(peer.HasMore);
    }

    [Fact]
    public async Task MessageToAName_TakesTheConnectionThatIsThere()
    {
        using var peer = new Listener((await Dns.GetHostAddressesAsync("localhost", TestContext.Current.CancellationToken))[0]);
        await using var sockets = Open();
        sockets.Send(MessageTo("localhost", peer.Port));
        Assert.Equal(1, await peer.TakeAsync(1));

        sockets.Send(MessageTo("localhost", peer.Port));

        Assert.Equal(1, await peer.TakeAsync(1));
        Assert.False(peer.HasMore);
    }

    [Fact]
    public async Task PeerThatTakesNoConnection_IsTriedAgain()
    {
        int port;
        using (var gone = new Listener(IPAddress.Loopback))
            port = gone.Port;
        await using var sockets = Open();
        var failures = new SemaphoreSlim(0);
        sockets.Failed = _ => failures.Release();

        for (int i = 0; i < 2; i++)
        {
            sockets.Send(MessageTo("127.0.0.1", port));
            Assert.True(await failures.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
    }

    private static SipSockets Open()
    {
        var options = new SipOptions { Enabled = true, Port = 0 };
        var sockets = new SipSockets(options, new SipPeers(options), NullLogger.Instance);
        sockets.Open(mayMove: false);
        return sockets;
    }

    private static SipTransmit MessageTo(string host, int port, SipTransport transport = SipTransport.Tcp) =>
        new("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), new SipTarget(transport, host, port), null);

    private sealed class Listener : IDisposable
    {
        private readonly TcpListener _listener;
        private readonly SipStreamReader _reader = new();
        private TcpClient? _client;

        public Listener(IPAddress address)
        {
            _listener = new TcpListener(address, 0);
            _listener.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public bool HasMore => _listener.Pending();

        /// <summary>Takes a connection, and closes it.</summary>
        public async Task HangUpAsync()
        {
            using var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Takes messages that come on the first connection.</summary>
        public async Task<int> TakeAsync(int most)
        {
            _client ??= await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            int taken = 0;
            try
            {
                while (taken < most)
                {
                    if (_reader.TryRead(out byte[] message) == SipStreamStatus.Message)
                    {
                        Assert.StartsWith("OPTIONS", Encoding.ASCII.GetString(message), StringComparison.Ordinal);
                        taken++;
                        continue;
                    }

                    int count = await _client.GetStream().ReadAsync(_reader.GetRoom(), deadline.Token);
                    Assert.NotEqual(0, count);
                    _reader.Advance(count);
                }
            }
            catch (OperationCanceledException)
            {
                // The others went elsewhere.
            }

            return taken;
        }

        public void Dispose()
        {
            _client?.Dispose();
            _listener.Dispose();
        }
    }
}
