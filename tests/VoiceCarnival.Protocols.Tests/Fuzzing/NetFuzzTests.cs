using VoiceCarnival.Fuzz;

namespace VoiceCarnival.Protocols.Tests.Fuzzing;

/// <summary>A moment of each fuzz target of this layer; longer runs: see tests/VoiceCarnival.Fuzz.</summary>
public sealed class NetFuzzTests
{
    [Theory]
    [InlineData("rtp", 100_000)]
    [InlineData("srtp", 3000)]
    [InlineData("rtcp", 50_000)]
    [InlineData("stun", 30_000)]
    [InlineData("sdp", 5000)]
    [InlineData("sctp", 5000)]
    [InlineData("sctp-session", 5000)]
    [InlineData("sctp-line", 500)]
    [InlineData("dtls", 1000)]
    [InlineData("dcep", 30_000)]
    [InlineData("peer", 5000)]
    [InlineData("sip", 30_000)]
    [InlineData("sip-sdp", 20_000)]
    [InlineData("sip-stream", 10_000)]
    [InlineData("sip-calls", 3000)]
    public void RandomInputs_NeverThrow(string name, int count)
    {
        using var log = new StringWriter();
        Assert.True(new RandomRun(Targets.Find(name)!, seed: 20261128).Execute(count, log), log.ToString());
    }
}
