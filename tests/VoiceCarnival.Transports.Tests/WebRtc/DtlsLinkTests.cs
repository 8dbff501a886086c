using Org.BouncyCastle.Tls;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>DTLS after the handshake, between two of our own in memory.</summary>
public sealed class DtlsLinkTests : IDisposable
{
    private static readonly DtlsIdentity Identity = new(TimeProvider.System);
    private readonly DtlsDatagrams _serverSide;
    private readonly DtlsDatagrams _clientSide;
    private readonly DtlsLink _server;
    private readonly DtlsLink _client;
    private readonly List<byte[]> _toServer = [];
    private bool _isHeld;

    public DtlsLinkTests()
    {
        _clientSide = new DtlsDatagrams(ToServer);
        _serverSide = new DtlsDatagrams(datagram => _clientSide!.Offer(datagram));
        var terms = new DtlsTerms(Identity, [Identity.Fingerprint], NeedsSrtp: true, TimeSpan.FromSeconds(20));
        var serverSide = new DtlsServerSide(terms);
        var accepting = Task.Factory.StartNew(() => new DtlsServerProtocol().Accept(serverSide, _serverSide), TaskCreationOptions.LongRunning);
        var clientSide = new DtlsClientSide(terms);
        _client = new DtlsLink(new DtlsClientProtocol().Connect(clientSide, _clientSide), _clientSide);
        _server = new DtlsLink(accepting.GetAwaiter().GetResult(), _serverSide);
        _clientSide.EndHandshake();
        _serverSide.EndHandshake();
        Assert.NotNull(serverSide.Keys);
        Assert.NotNull(clientSide.Keys);
        serverSide.Keys.Dispose();
        clientSide.Keys.Dispose();
    }

    public void Dispose()
    {
        _clientSide.Close();
        _serverSide.Close();
    }

    [Fact]
    public void Data_PassesBothWays_AndNothingWaitsWhereNothingIs()
    {
        Assert.False(_server.TryTake(out _));
        _client.Send("there"u8);
        Assert.True(_server.TryTake(out var there));
        Assert.Equal("there"u8, there);
        Assert.False(_server.TryTake(out _));
        _server.Send("back"u8);
        Assert.True(_client.TryTake(out var back));
        Assert.Equal("back"u8, back);
    }

    [Fact]
    public void Data_IsReadWithoutAnException()
    {
        int thread = Environment.CurrentManagedThreadId, thrown = 0;
        EventHandler<System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs> count = (_, _) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += count;
        try
        {
            for (int i = 0; i < 10; i++)
            {
                _client.Send("there"u8);
                Assert.True(_server.TryTake(out _));
                Assert.False(_server.TryTake(out _));
            }
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= count;
        }

        Assert.Equal(0, thrown);
    }

    [Fact]
    public void SeveralRecordsInADatagram_AreTakenOneByOne()
    {
        _isHeld = true;
        _client.Send("one"u8);
        _client.Send("two"u8);
        _server.Offer([.. _toServer[0], .. _toServer[1]]);
        Assert.True(_server.TryTake(out var one));
        Assert.Equal("one"u8, one);
        Assert.True(_server.TryTake(out var two));
        Assert.Equal("two"u8, two);
        Assert.False(_server.TryTake(out _));
    }

    [Fact]
    public void WhatIsNotGenuine_OrCameBefore_IsDropped_AndTheLinkGoesOn()
    {
        _isHeld = true;
        _client.Send("good"u8);
        byte[] genuine = _toServer[0];
        byte[] changed = [.. genuine];
        changed[^1] ^= 1;
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            var noise = new byte[random.Next(100)];
            random.NextBytes(noise);
            if (noise.Length > 3)
                (noise[0], noise[1], noise[2]) = ((byte)random.Next(20, 25), 0xFE, 0xFD);
            _server.Offer(i % 2 == 0 ? noise : changed);
            Assert.False(_server.TryTake(out _));
        }

        Assert.False(_server.IsClosed);
        _server.Offer(genuine);
        Assert.True(_server.TryTake(out var data));
        Assert.Equal("good"u8, data);
        _server.Offer(genuine);
        Assert.False(_server.TryTake(out _));
        Assert.False(_server.IsClosed);
    }

    /// <summary>RFC 6347, section 4.1.2.7: who only knows an address must not be able to end its call.</summary>
    [Fact]
    public void ForgedRecordsOfAnyLength_AreDropped_AndTheLinkGoesOn()
    {
        for (byte type = 20; type < 26; type++)
        {
            for (byte epoch = 0; epoch < 3; epoch++)
            {
                for (byte length = 0; length < 60; length++)
                {
                    byte[] forged = [type, 0xFE, 0xFD, 0, epoch, 0, 0, 0, 0, 1, length, 0, length, .. new byte[length]];
                    _server.Offer(forged);
                    Assert.False(_server.TryTake(out _));
                    Assert.False(_server.IsClosed, $"type {type}, epoch {epoch}, length {length}");
                }
            }
        }

        _client.Send("good"u8);
        Assert.True(_server.TryTake(out var data));
        Assert.Equal("good"u8, data);
    }

    [Fact]
    public void Goodbye_ClosesTheOtherSide()
    {
        _client.Close();
        Assert.False(_server.TryTake(out _));
        Assert.True(_server.IsClosed);
        _server.Send("nobody"u8);
        _server.Close();
    }

    private void ToServer(ReadOnlySpan<byte> datagram)
    {
        if (_isHeld)
            _toServer.Add(datagram.ToArray());
        else
            _serverSide.Offer(datagram);
    }
}
