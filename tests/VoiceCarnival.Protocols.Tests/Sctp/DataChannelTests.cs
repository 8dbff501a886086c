using System.Text;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Protocols.Tests.Sctp;

public sealed class DataChannelTests
{
    private readonly List<DataChannelEvent>[] _events = [[], []];

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public void BrowserAndServer_OpenTalkAndClose(int loss)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            _events[0].Clear();
            _events[1].Clear();
            var (pair, browser, server) = Connect(seed, loss);
            var channel = browser.TryOpen("oai-events");
            Assert.Equal((0, "oai-events", false), (channel!.Id, channel.Label, channel.IsOpen));
            // A browser may send before it is answered.
            Assert.True(browser.TrySendText(0, "früh"u8));
            Assert.True(Run(pair, browser, server, () => channel.IsOpen && _events[1].Exists(e => e.Kind == DataChannelEventKind.Text)));
            Assert.True(server.TryGet(0, out var opened));
            Assert.Equal(("oai-events", "", true), (opened.Label, opened.Protocol, opened.IsOpen));

            string big = new('x', 200_000);
            Assert.True(server.TrySendText(0, Encoding.UTF8.GetBytes(big)));
            Assert.True(server.TrySendText(0, []));
            Assert.True(server.TrySendBinary(0, [1, 2]));
            Assert.True(server.TrySendBinary(0, []));
            server.Close(0);
            Assert.False(server.TrySendText(0, "zu spät"u8));
            Assert.True(Run(pair, browser, server, () => browser.Channels.Count == 0 && server.Channels.Count == 0));
            Assert.Equal(
                [(DataChannelEventKind.Opened, 0), (DataChannelEventKind.Text, 200_000), (DataChannelEventKind.Text, 0), (DataChannelEventKind.Binary, 2), (DataChannelEventKind.Binary, 0), (DataChannelEventKind.ChannelClosing, 0), (DataChannelEventKind.ChannelClosed, 0)],
                _events[0].Skip(1).Select(e => (e.Kind, e.Payload.Length)));
            Assert.Equal(
                [DataChannelEventKind.Opened, DataChannelEventKind.Text, DataChannelEventKind.ChannelClosed], _events[1].Skip(1).Select(e => e.Kind));

            // The stream can be used anew.
            Assert.Equal(0, browser.TryOpen("second")!.Id);
            Assert.True(Run(pair, browser, server, () => server.Channels.Count == 1 && browser.Channels.Single().IsOpen));
        }
    }

    [Fact]
    public void StreamThatIsUsedAnewAtOnce_MixesNothingUp()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var (pair, browser, server) = Connect(seed, loss: 30);
            for (int round = 0; round < 5; round++)
            {
                string label = $"round {round}";
                DataChannel? channel = null;
                Assert.True(Run(pair, browser, server, () => (channel ??= browser.TryOpen(label)) is not null));
                Assert.True(Run(pair, browser, server, () => server.Channels.Any(c => c.Label == label) && channel!.IsOpen), $"seed {seed}, {label}");
                Assert.True(Run(pair, browser, server, () => server.TrySendText(channel!.Id, Encoding.UTF8.GetBytes(label))));
                Assert.True(Run(pair, browser, server, () => _events[0].Exists(e => Encoding.UTF8.GetString(e.Payload.Span) == label)), $"seed {seed}, {label}");
                (round % 2 == 0 ? server : browser).Close(channel!.Id);
                // The browser does not wait for the server to have noticed.
                Assert.True(Run(pair, browser, server, () => browser.Channels.Count == 0), $"seed {seed}, {label}");
            }

            _events[0].Clear();
            _events[1].Clear();
        }
    }

    [Fact]
    public void EachSideOpensItsOwnHalfOfTheStreams()
    {
        var (pair, browser, server) = Connect(1, 0);
        Assert.Equal([0, 2, 4], Enumerable.Range(0, 3).Select(_ => (int)browser.TryOpen("b")!.Id));
        Assert.Equal([1, 3], Enumerable.Range(0, 2).Select(_ => (int)server.TryOpen("s", "p")!.Id));
        Assert.True(Run(pair, browser, server, () => browser.Channels.Count == 5 && server.Channels.Count == 5 && browser.Channels.Concat(server.Channels).All(c => c.IsOpen)));
        Assert.True(browser.TryGet(3, out var channel));
        Assert.Equal(("s", "p"), (channel.Label, channel.Protocol));
    }

    [Fact]
    public void EndOfTheAssociation_ClosesAllChannels()
    {
        var (pair, browser, server) = Connect(1, 0);
        browser.TryOpen("a");
        browser.TryOpen("b");
        Assert.True(Run(pair, browser, server, () => server.Channels.Count == 2));
        pair.A.Abort();
        Assert.True(Run(pair, browser, server, () => server.Channels.Count == 0));
        Assert.Equal(
            [DataChannelEventKind.ChannelClosed, DataChannelEventKind.ChannelClosed, DataChannelEventKind.Closed], _events[1].TakeLast(3).Select(e => e.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("03")]
    [InlineData("030000000000000000010000")] // a label that is not there
    [InlineData("03000000000000000000000061")] // one byte too many
    [InlineData("040000000000000000000000")]
    public void WhatIsNoOpen_IsNotRead(string hex) => Assert.Null(DcepOpen.TryRead(Hex.Bytes(hex)));

    [Fact]
    public void Rfc8832_5_1_Open_RoundTrips()
    {
        var open = new DcepOpen(0, 256, 0, "oai-events", "x");
        Assert.Equal(Hex.Bytes("03 00 0100 00000000 000A 0001 6F61692D6576656E7473 78"), open.Format());
        Assert.Equal(open, DcepOpen.TryRead(open.Format()));
    }

    [Fact]
    public void NamesThatAreTooLong_AreNotKept()
    {
        Assert.NotNull(DcepOpen.TryRead(new DcepOpen(0, 0, 0, new string('x', 1000), new string('y', 1000)).Format()));
        Assert.Null(DcepOpen.TryRead(new DcepOpen(0, 0, 0, new string('x', 60_000), "").Format()));
        Assert.Null(DcepOpen.TryRead(new DcepOpen(0, 0, 0, "", new string('y', 60_000)).Format()));
    }

    [Fact]
    public void NoIdIsLeft_ThereIsNoChannel()
    {
        var (pair, _, server) = Connect(1, 0);
        for (int id = 1; id <= ushort.MaxValue; id += 2)
            Assert.True(pair.B.ResetStream((ushort)id));
        Assert.Null(server.TryOpen("none"));
    }

    [Fact]
    public void BrokenOpen_ClosesItsStream()
    {
        var (pair, browser, server) = Connect(1, 0);
        Assert.True(pair.A.TrySend(0, 50, [3, 0, 0]));
        Assert.True(pair.A.TrySend(2, 99, [1]));
        Assert.True(browser.TryOpen("later") is not null);
        Assert.True(Run(pair, browser, server, () => server.Channels.Count == 0 && browser.Channels.Count == 0));
        Assert.Contains(_events[0], e => e.Kind == DataChannelEventKind.ChannelClosed);
        Assert.Equal(SctpState.Established, pair.A.State);
    }

    private (SctpPair Pair, DataChannels Browser, DataChannels Server) Connect(int seed, int loss)
    {
        var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0 }, Reading = { [0] = false, [1] = false } };
        var browser = new DataChannels(pair.A, isDtlsClient: true);
        var server = new DataChannels(pair.B, isDtlsClient: false);
        pair.A.Connect(pair.Now);
        Assert.True(Run(pair, browser, server, () => _events[0].Count > 0 && _events[1].Count > 0));
        return (pair, browser, server);
    }

    private bool Run(SctpPair pair, DataChannels browser, DataChannels server, Func<bool> until) => pair.Run(
        () =>
        {
            while (browser.TryTakeEvent(out var next))
                _events[0].Add(next);
            while (server.TryTakeEvent(out var next))
                _events[1].Add(next);
            pair.Drain(0);
            pair.Drain(1);
            return until();
        },
        200);
}
