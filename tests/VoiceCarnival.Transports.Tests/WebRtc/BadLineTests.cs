using System.Text;
using System.Text.RegularExpressions;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>Whole calls over lines that lose, delay, reorder and double datagrams: never stuck, every event arrives, sound stays in time.</summary>
public sealed class BadLineTests
{
    private static readonly TimeSpan Talk = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(1, 0, 0, 0, 20)]
    [InlineData(2, 0.05, 30, 0.02, 40)]
    [InlineData(3, 0.10, 60, 0.05, 100)]
    [InlineData(4, 0.25, 30, 0.02, 20)]
    [InlineData(5, 0.02, 20, 0, 300)]
    [InlineData(6, 0.15, 100, 0.05, 300)]
    public async Task Call_GoesOn_EventsArriveInOrder_SoundStaysInTime(int seed, double loss, int jitter, double duplication, int delay)
    {
        using var call = new EmulatedCall(seed);
        await call.ConnectAsync();
        (call.Line.Loss, call.Line.Duplication) = (loss, duplication);
        (call.Line.Delay, call.Line.Jitter) = (TimeSpan.FromMilliseconds(delay), TimeSpan.FromMilliseconds(jitter));
        var random = new Random(seed);
        List<int> sent = [];
        List<(int Number, int Length)> echoes = [];
        int frame = 0;
        string? waiting = null;
        int waitingLength = 0;
        call.Talk(Talk, _ =>
        {
            // Two small events a second, and a long one now and then.
            if (waiting is null && frame++ % 25 == 0)
            {
                waitingLength = sent.Count % 20 == 10 ? 60_000 : random.Next(2000);
                waiting = EmulatedCall.Event(sent.Count, waitingLength);
            }

            if (waiting is not null && call.Client.Send(waiting))
            {
                sent.Add(waitingLength);
                waiting = null;
            }

            echoes.AddRange(call.TakeEchoes());
        });
        Assert.True(sent.Count > 60, $"only {sent.Count} events were taken");
        Assert.True(call.Run(TimeSpan.FromMinutes(5), () =>
        {
            echoes.AddRange(call.TakeEchoes());
            return echoes.Count >= sent.Count;
        }), $"{echoes.Count} of {sent.Count} events came back");
        Assert.Equal(sent.Select((length, number) => (number, length)), echoes);
        Assert.False(call.Client.Closed.IsCompleted, "the call has ended");

        // Lost twice of five packets each; the mending of gaps may take as long as packets are seen to be late.
        Assert.InRange(call.Delays.Count, call.Sounds * 8 / 10, call.Sounds);
        double longest = 2 * (delay + jitter) + 2 * jitter + 160 + (loss > 0 ? 240 : 0);
        Assert.All(call.Delays, measured => Assert.InRange(measured.TotalMilliseconds, 2 * delay, longest));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Handshake_ThroughALineThatLosesAQuarter(int seed)
    {
        using var call = new EmulatedCall(seed);
        call.Line.Loss = 0.25;
        await call.ConnectAsync();
        call.Talk(TimeSpan.FromSeconds(5));
        Assert.True(call.Client.PacketsReceived > 50, "nothing is heard");
    }

    [Theory]
    [InlineData(21, 0)]
    [InlineData(22, 0.1)]
    public async Task Path_BreaksAndAnotherIsTaken_NothingIsLost(int seed, double loss)
    {
        using var call = new EmulatedCall(seed);
        await call.ConnectAsync();
        call.Line.Loss = loss;
        int sent = 0;
        List<(int Number, int Length)> echoes = [];
        call.Talk(TimeSpan.FromSeconds(5), _ => Send());
        call.Line.IsCut = true;
        call.Talk(TimeSpan.FromSeconds(3), _ => Send());
        call.Line.IsCut = false;
        call.ChangePath(40_001);
        long before = call.Client.PacketsReceived;
        call.Talk(TimeSpan.FromSeconds(8), _ => Send());
        Assert.True(call.Client.PacketsReceived > before + 200, $"{call.Client.PacketsReceived - before} packets came on the new path");
        Assert.True(call.Run(TimeSpan.FromMinutes(2), () =>
        {
            echoes.AddRange(call.TakeEchoes());
            return echoes.Count >= sent;
        }), $"{echoes.Count} of {sent} events came back");
        Assert.Equal(Enumerable.Range(0, sent), echoes.Select(echo => echo.Number));

        void Send()
        {
            if (call.Client.Send(EmulatedCall.Event(sent, 100)))
                sent++;
        }
    }

    [Fact]
    public async Task CallerHangsUp_AndAnotherCallsFromTheSamePort_TheNewCallIsHeard()
    {
        using var call = new EmulatedCall(41);
        await call.ConnectAsync();
        var former = call.Call.Peer;
        call.Client.CloseChannel();
        Assert.True(call.Run(TimeSpan.FromSeconds(1), () => call.Client.Closed.IsCompleted), "the channel stays open");
        Assert.False(former.IsInUse, "who has hung up keeps its place");
        await call.ReplaceAsync();
        Assert.NotSame(former, call.Call.Peer);
        call.Talk(TimeSpan.FromSeconds(2));
        Assert.True(call.Client.PacketsReceived > 50, "nothing is heard");
    }

    /// <summary>Who only checks would hold a place, a session and what its engine costs.</summary>
    [Fact]
    public async Task CallerWhoChecksAndNeverShakesHands_IsGivenUp()
    {
        using var call = new EmulatedCall(61);
        await call.CheckAsync();
        Assert.False(call.Run(TimeSpan.FromSeconds(130), () => call.Call.Peer.IsOver));
        Assert.True(call.Run(TimeSpan.FromSeconds(15), () => call.Call.Peer.IsOver), "the call goes on");
    }

    /// <summary>What comes from there is the first call's, so a yes would have the second wait there for ever.</summary>
    [Fact]
    public async Task SecondCallFromAPlaceThatIsInUse_IsNotAnsweredThere()
    {
        using var call = new EmulatedCall(71);
        await call.ConnectAsync();
        int before = call.Sent;
        await call.CheckFromTheSamePlaceAsync();
        Assert.Equal(before, call.Sent);
        long heard = call.Client.PacketsReceived;
        call.Talk(TimeSpan.FromSeconds(2));
        Assert.InRange(call.Client.PacketsReceived - heard, 90, 110);
    }

    [Fact]
    public async Task RestartsWhoseAnswersAreLost_LeaveTheCallAsItIs()
    {
        using var call = new EmulatedCall(51);
        await call.ConnectAsync();
        foreach (string ufrag in new[] { "lost1", "lost2" })
        {
            string offer = Regex.Replace(call.Client.Offer(), "a=ice-ufrag:\\S+", "a=ice-ufrag:" + ufrag);
            Assert.Null((await call.Call.RenegotiateAsync(Encoding.UTF8.GetBytes(offer), CancellationToken.None)).Refusal);
        }

        call.Talk(TimeSpan.FromSeconds(40));
        Assert.False(call.Call.Peer.IsOver, "the call has ended");
    }

    [Fact]
    public async Task Silence_EndsTheCall_WhenTheCallersConsentRunsOut()
    {
        using var call = new EmulatedCall(31);
        await call.ConnectAsync();
        call.Line.IsCut = true;
        Assert.True(call.Run(TimeSpan.FromSeconds(35), () => call.Call.Peer.IsOver), "the call outlives its caller");
    }
}
