using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Transports.WebRtc.Channel;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>The events' channel against a caller's data channels, in virtual time on a line that loses nothing.</summary>
public sealed class EventChannelTests
{
    [Fact]
    public void EventsBeforeTheChannelIsOpen_WaitAndComeInOrder()
    {
        var pair = new Pair();
        pair.Server.Write("a", "one"u8);
        pair.Server.Write("b", "two"u8);
        pair.Connect();
        Assert.Empty(pair.Heard);
        pair.Open("oai-events", "voicecarnival");
        Assert.Equal(["one", "two"], pair.Heard);
        Assert.Equal("voicecarnival", pair.Signals.Single(signal => signal.Kind == ChannelSignalKind.Opened).Protocol);
        Assert.Equal(0, pair.Server.Pending);
    }

    [Fact]
    public void Messages_OfEitherKind_AreTaken()
    {
        var pair = new Pair();
        pair.Connect();
        ushort id = pair.Open("oai-events");
        pair.Client.TrySendText(id, "{}"u8);
        pair.Client.TrySendBinary(id, "[]"u8);
        pair.Run();
        Assert.Equal(["{}", "[]"], pair.Signals.Where(signal => signal.Kind == ChannelSignalKind.Message).Select(signal => Encoding.UTF8.GetString(signal.Payload.Span)));
    }

    [Fact]
    public void EventLongerThanTheCallerTakes_BecomesAnErrorThatNamesIt()
    {
        var pair = new Pair(new EventChannelOptions { RemotePort = 5000, IsDtlsClient = false, LargestForCaller = 1000 });
        pair.Connect();
        pair.Open("oai-events");
        pair.Server.Write("response.done", new byte[1001]);
        pair.Run();
        Assert.Contains("event_too_large", Assert.Single(pair.Heard), StringComparison.Ordinal);
        Assert.Contains("response.done", pair.Heard[0], StringComparison.Ordinal);
        Assert.Contains("1001 bytes", pair.Heard[0], StringComparison.Ordinal);
    }

    [Fact]
    public void MoreThanShouldWait_IsToldByTheReturn_AndRoomFollows()
    {
        var pair = new Pair(new EventChannelOptions { RemotePort = 5000, IsDtlsClient = false, LargestForCaller = 0, SoftLimit = 5000, HardLimit = 20_000 });
        pair.Connect();
        Assert.True(pair.Server.Write("a", new byte[4000]));
        Assert.False(pair.Server.Write("a", new byte[4000]));
        Assert.DoesNotContain(pair.Signals, signal => signal.Kind == ChannelSignalKind.Room);
        pair.Open("oai-events");
        pair.Run();
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.Room);
        Assert.True(pair.Server.Write("a", "b"u8));
    }

    [Fact]
    public void MoreThanMayWait_IsToldOnce()
    {
        var pair = new Pair(new EventChannelOptions { RemotePort = 5000, IsDtlsClient = false, LargestForCaller = 0, SoftLimit = 5000, HardLimit = 20_000 });
        pair.Connect();
        for (int i = 0; i < 10; i++)
            pair.Server.Write("a", new byte[4000]);
        pair.Run();
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.Overflow);
        Assert.InRange(pair.Server.Pending, 1, 20_000);
    }

    [Fact]
    public void CallerWhoCanComeBack_IsOwedWhatIsNotAcknowledged_InOrder()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("oai-events", "voicecarnival");
        pair.Server.Write("before", "0"u8);
        pair.Server.Write(ServerEventTypes.ResumeToken, "1"u8);
        pair.Server.Write("arrived", "2"u8);
        pair.Run();

        // The line breaks: nothing travels any more, and not all of it fits into what may be on its way.
        pair.Server.Write("lost", "3"u8);
        pair.Server.Write("long", new byte[200_000]);
        pair.Server.Write("waiting", "4"u8);

        Assert.Equal(["lost", "long", "waiting"], pair.Server.TakeUndelivered().Select(written => written.Type));
        Assert.Empty(pair.Server.TakeUndelivered());
    }

    [Fact]
    public void LineThatWasBrokenOff_StillOwesWhatItHadNotDelivered()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("oai-events", "voicecarnival");
        pair.Server.Write(ServerEventTypes.ResumeToken, "1"u8);
        pair.Run();
        pair.Server.Write("lost", "2"u8);
        pair.Caller.Abort();
        pair.CallerSends();

        Assert.Equal("lost", Assert.Single(pair.Server.TakeUndelivered()).Type);
    }

    [Fact]
    public void Close_SendsWhatWaits_ThenCloses()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("oai-events");
        pair.Server.Write("a", "last"u8);
        pair.Server.Close();
        pair.Server.Write("a", "too late"u8);
        pair.Run();
        Assert.Equal(["last"], pair.Heard);
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.Closed);
        Assert.Contains(pair.Told, told => told.Kind == DataChannelEventKind.ChannelClosed);
    }

    [Fact]
    public void CallerCloses_ThatIsAHangUp_AndNoLoss()
    {
        var pair = new Pair();
        pair.Connect();
        ushort id = pair.Open("oai-events");
        pair.Client.Close(id);
        pair.Run();
        pair.Caller.Abort();
        pair.Run();
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.ClosedByCaller);
        Assert.DoesNotContain(pair.Signals, signal => signal.Kind == ChannelSignalKind.Lost);
    }

    [Fact]
    public void CallerClosesItsSide_AndVanishesBeforeItHearsOfOurs_ThatIsAHangUp()
    {
        var pair = new Pair();
        pair.Connect();
        ushort id = pair.Open("oai-events");
        pair.Client.Close(id);
        pair.CallerSends();
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.ClosedByCaller);
    }

    [Fact]
    public void CallerAborts_TheLineIsLost()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("oai-events");
        pair.Caller.Abort();
        pair.Run();
        Assert.Single(pair.Signals, signal => signal.Kind == ChannelSignalKind.Lost);
        Assert.DoesNotContain(pair.Signals, signal => signal.Kind == ChannelSignalKind.ClosedByCaller);
    }

    [Fact]
    public void OtherChannels_AreClosedAgain_AndTheirMessagesAreNotEvents()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("oai-events");
        ushort other = pair.Open("chat");
        pair.Client.TrySendText(other, "hello"u8);
        pair.Run();
        Assert.DoesNotContain(pair.Signals, signal => signal.Kind == ChannelSignalKind.Message);
        Assert.Contains(pair.Told, told => told.Kind == DataChannelEventKind.ChannelClosed && told.Channel == other);
        Assert.DoesNotContain(pair.Signals, signal => signal.Kind == ChannelSignalKind.ClosedByCaller);
    }

    [Fact]
    public void NameLessChannel_IsTheEvents_UntilTheRealOneComes()
    {
        var pair = new Pair();
        pair.Connect();
        pair.Open("");
        pair.Server.Write("a", "first"u8);
        pair.Run();
        pair.Open("oai-events");
        pair.Server.Write("a", "second"u8);
        pair.Run();
        Assert.Equal(["first", "second"], pair.Heard);
    }

    [Fact]
    public void CallerThatDoesNotConnect_IsConnectedTo()
    {
        var pair = new Pair();
        pair.Server.Begin(TimeSpan.Zero);
        pair.Run();
        Assert.Equal(SctpState.Closed, pair.Caller.State);
        pair.Run(TimeSpan.FromSeconds(1.1));
        Assert.Equal(SctpState.Established, pair.Caller.State);
    }

    private sealed class Pair
    {
        private readonly byte[] _buffer = new byte[2000];
        private TimeSpan _now;

        public Pair(EventChannelOptions? options = null)
        {
            Server = new EventChannel(options ?? new EventChannelOptions { RemotePort = 5000, IsDtlsClient = false, LargestForCaller = 0 }, new byte[SctpAssociation.EntropyLength]);
            Caller = new SctpAssociation(new SctpOptions(), Enumerable.Repeat((byte)7, SctpAssociation.EntropyLength).ToArray());
            Client = new DataChannels(Caller, isDtlsClient: true);
        }

        public EventChannel Server { get; }

        public SctpAssociation Caller { get; }

        public DataChannels Client { get; }

        public List<ChannelSignal> Signals { get; } = [];

        public List<DataChannelEvent> Told { get; } = [];

        public List<string> Heard { get; } = [];

        public void Connect()
        {
            Server.Begin(_now);
            Caller.Connect(_now);
            Run();
        }

        public ushort Open(string label, string protocol = "")
        {
            ushort id = Client.TryOpen(label, protocol)!.Id;
            Run();
            return id;
        }

        /// <summary>What the caller has to send arrives; nothing comes back to it any more.</summary>
        public void CallerSends()
        {
            while (Client.TryTakeEvent(out _))
            {
            }

            while (Caller.TryTakeTransmit(_now, _buffer, out int length))
                Server.Receive(_buffer.AsSpan(0, length), _now);
            while (Server.TryTake(out var signal))
                Signals.Add(signal);
        }

        public void Run(TimeSpan time = default)
        {
            var end = _now + time;
            do
            {
                _now += TimeSpan.FromMilliseconds(10);
                Server.AdvanceTo(_now);
                Caller.AdvanceTo(_now);
                for (bool any = true; any;)
                {
                    any = false;
                    while (Server.TryTake(out var signal))
                        Signals.Add(signal);
                    while (Client.TryTakeEvent(out var told))
                    {
                        Told.Add(told);
                        if (told.Kind == DataChannelEventKind.Text)
                            Heard.Add(Encoding.UTF8.GetString(told.Payload.Span));
                    }

                    while (Server.TryTakeTransmit(_now, _buffer, out int length))
                    {
                        Caller.Receive(_buffer.AsSpan(0, length), _now);
                        any = true;
                    }

                    while (Caller.TryTakeTransmit(_now, _buffer, out int length))
                    {
                        Server.Receive(_buffer.AsSpan(0, length), _now);
                        any = true;
                    }
                }
            }
            while (_now < end);
        }
    }
}
