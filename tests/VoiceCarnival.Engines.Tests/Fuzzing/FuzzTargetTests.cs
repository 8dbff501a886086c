using VoiceCarnival.Fuzz;

namespace VoiceCarnival.Engines.Tests.Fuzzing;

/// <summary>A moment of each fuzz target; longer runs: see tests/VoiceCarnival.Fuzz.</summary>
public sealed class FuzzTargetTests
{
    [Theory]
    [InlineData("events", 3000)]
    [InlineData("peek", 50_000)]
    [InlineData("append", 50_000)]
    [InlineData("beta", 20_000)]
    [InlineData("frames", 20_000)]
    [InlineData("webhook", 10_000)]
    [InlineData("script", 3000)]
    [InlineData("wav", 20_000)]
    [InlineData("opus", 3000)]
    [InlineData("g722", 3000)]
    [InlineData("pcmu", 3000)]
    [InlineData("comfort-noise", 3000)]
    [InlineData("reorder", 10_000)]
    [InlineData("complaint", 10_000)]
    [InlineData("pcm-input", 5000)]
    [InlineData("spoken-text", 10_000)]
    public void RandomInputs_NeverThrow(string name, int count)
    {
        Assert.SkipWhen(name == "opus" && Targets.Find(name) is null, "libopus is not installed");
        using var log = new StringWriter();
        Assert.True(new RandomRun(Targets.Find(name)!, seed: 20261122).Execute(count, log), log.ToString());
    }
}
