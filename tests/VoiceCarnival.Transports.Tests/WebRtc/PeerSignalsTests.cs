using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Transports.WebRtc.Channel;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class PeerSignalsTests : IPeerOwner
{
    private readonly TaskCompletionSource _busy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task OwnerWhoIsBehind_IsLeftInPeace_HoweverShortTheMessagesAre(int length)
    {
        var signals = new PeerSignals(this, _room.SetResult, NullLogger.Instance);
        int sent = 0;
        for (; signals.HasRoom; sent++)
        {
            Assert.InRange(sent, 0, 4000);
            signals.Channel(new ChannelSignal(ChannelSignalKind.Message, new byte[length]));
        }

        _busy.SetResult();
        await _room.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(signals.HasRoom);
        Assert.True(SpinWait.SpinUntil(() => signals.IsIdle, TimeSpan.FromSeconds(30)));
        Assert.Equal(sent, _taken);
    }

    void IPeerOwner.OnSecured()
    {
    }

    void IPeerOwner.OnChannel(string protocol)
    {
    }

    async ValueTask IPeerOwner.OnMessageAsync(ReadOnlyMemory<byte> utf8Json)
    {
        await _busy.Task;
        _taken++;
    }

    void IPeerOwner.OnRoom()
    {
    }

    void IPeerOwner.OnRtp(ReadOnlySpan<byte> packet)
    {
    }

    void IPeerOwner.OnRtcp(ReadOnlySpan<byte> packet)
    {
    }

    void IPeerOwner.OnEnded(PeerEnd end, string? detail)
    {
    }
}
