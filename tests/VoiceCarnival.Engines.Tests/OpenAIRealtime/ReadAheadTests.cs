using VoiceCarnival.Engines.OpenAIRealtime;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime;

public sealed class ReadAheadTests
{
    [Fact]
    public void OneCaller_IsReadForFastUpToItsBound_ThenSlowly()
    {
        var ahead = new ReadAhead();
        long behind = 0;
        var wait = TimeSpan.Zero;
        for (int i = 0; i < 63; i++)
            wait = ahead.Take(64 * 1024, ref behind);
        Assert.Equal(TimeSpan.FromSeconds(0.125), wait);
        Assert.Equal(TimeSpan.FromSeconds(1), ahead.Take(64 * 1024, ref behind));
    }

    [Fact]
    public void ManyCallers_ShareABound()
    {
        var ahead = new ReadAhead(mostInAll: 1024 * 1024);
        long first = 0, second = 0;
        Assert.Equal(TimeSpan.FromSeconds(2), ahead.Take(1024 * 1024, ref first));
        Assert.Equal(TimeSpan.FromSeconds(1), ahead.Take(64 * 1024, ref second));
        ahead.Give(ref first);
        Assert.Equal(TimeSpan.FromSeconds(0.125), ahead.Take(64 * 1024, ref second));
        ahead.Give(ref second);
        ahead.Give(ref second);
        Assert.Equal(0, ahead.Taken);
    }
}
