using VoiceCarnival.Audio.VoiceActivity;
using Xunit;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

public sealed class SpeechSegmenterTests
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void TwoFramesOfEvidence_Start()
    {
        var segmenter = new SpeechSegmenter(Frame);

        Assert.Equal(SpeechTransition.None, segmenter.Process(0.1f));
        Assert.Equal(SpeechTransition.None, segmenter.Process(0.9f));
        Assert.Equal(SpeechTransition.Started, segmenter.Process(0.5f));
        Assert.True(segmenter.IsSpeech);
        Assert.Equal(TimeSpan.FromMilliseconds(20), segmenter.SpeechStart);
    }

    [Fact]
    public void SingleFrames_NeverStart()
    {
        var segmenter = new SpeechSegmenter(Frame);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(SpeechTransition.None, segmenter.Process(i % 2 == 0 ? 1 : 0));
        }
    }

    [Fact]
    public void ProbabilityBetweenThresholds_KeepsSpeech()
    {
        SpeechSegmenter segmenter = Speaking();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(SpeechTransition.None, segmenter.Process(0.4f));
        }

        Assert.True(segmenter.IsSpeech);
    }

    [Fact]
    public void SilenceOfHangOver_StopsAndReportsTheEndOfSpeech()
    {
        SpeechSegmenter segmenter = Speaking();
        TimeSpan end = segmenter.Position;
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(SpeechTransition.None, segmenter.Process(0));
        }

        Assert.Equal(SpeechTransition.Stopped, segmenter.Process(0));
        Assert.False(segmenter.IsSpeech);
        Assert.Equal(end, segmenter.SpeechEnd);
        Assert.Equal(end + (8 * Frame), segmenter.Position);
    }

    [Fact]
    public void SpeechWithinHangOver_BridgesTheGap()
    {
        SpeechSegmenter segmenter = Speaking();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(SpeechTransition.None, segmenter.Process(i % 8 == 7 ? 0.6f : 0));
        }
    }

    [Fact]
    public void ThresholdZero_StillStopsInSilence()
    {
        var segmenter = new SpeechSegmenter(Frame, new SpeechSegmenterOptions { Threshold = 0, HangOver = Frame });
        segmenter.Process(0);
        segmenter.Process(0);

        Assert.Equal(SpeechTransition.Stopped, segmenter.Process(0));
    }

    [Fact]
    public void Reset_StartsAnew()
    {
        SpeechSegmenter segmenter = Speaking();

        segmenter.Reset();

        Assert.False(segmenter.IsSpeech);
        Assert.Equal(TimeSpan.Zero, segmenter.Position);
        Assert.Equal(SpeechTransition.None, segmenter.Process(1));
    }

    [Fact]
    public void FrameOfNoLength_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpeechSegmenter(TimeSpan.Zero));

    private static SpeechSegmenter Speaking()
    {
        var segmenter = new SpeechSegmenter(Frame);
        segmenter.Process(1);
        segmenter.Process(1);
        Assert.True(segmenter.IsSpeech);
        return segmenter;
    }
}
