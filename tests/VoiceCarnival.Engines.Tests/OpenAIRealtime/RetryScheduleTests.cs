using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime;

public sealed class RetryScheduleTests
{
    [Fact]
    public void Delays_BeginAtOnce_Double_AndEndWithTheTime()
    {
        var schedule = new RetrySchedule(TimeSpan.FromSeconds(30), new Random(1));
        var elapsed = TimeSpan.Zero;
        var delays = new List<double>();
        while (schedule.Next(elapsed) is { } delay)
        {
            delays.Add(delay.TotalSeconds);
            elapsed += delay;
        }

        Assert.Equal(0, delays[0]);
        for (int i = 1; i < delays.Count; i++)
            Assert.InRange(delays[i], Math.Min(8, 0.25 * Math.Pow(2, i - 1)) * 0.5, Math.Min(8, 0.25 * Math.Pow(2, i - 1)) * 1.5);
        Assert.InRange(delays.Count, 6, 10);
        Assert.True(elapsed <= TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void WhatTheServiceAsksFor_IsWaited()
    {
        var schedule = new RetrySchedule(TimeSpan.FromSeconds(30), new Random(1));
        schedule.Next(TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(5), schedule.Next(TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        Assert.Null(schedule.Next(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(1001, true)]
    [InlineData(1006, true)]
    [InlineData(1013, true)]
    [InlineData(1000, false)]
    [InlineData(3000, false)]
    [InlineData(4000, false)]
    public void CloseCodes_TellWhetherAnotherTryMakesSense(int code, bool mayRetry) => Assert.Equal(mayRetry, RetrySchedule.MayRetry(code));

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abc*******xyz. Find yours", "Incorrect API key provided: ***. Find yours")]
    [InlineData("Nothing to hide", "Nothing to hide")]
    public void KeysInMessages_AreHidden(string message, string shown) => Assert.Equal(shown, KeyText.Hide(message));
}
