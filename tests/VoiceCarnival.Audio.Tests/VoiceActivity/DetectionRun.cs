using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Detector and segmenter run over a signal.</summary>
/// <param name="Probabilities">Of each 20 ms frame.</param>
/// <param name="Live">The segmenter's state after each frame, as a listener sees it at that moment: onset late, hang-over included.</param>
/// <param name="Reported">Frames between the start and the end that the segmenter reports for each stretch of speech.</param>
/// <param name="Starts">When each stretch was announced.</param>
internal sealed record DetectionRun(float[] Probabilities, bool[] Live, bool[] Reported, TimeSpan[] Starts)
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    public static DetectionRun Over(short[] samples, int sampleRate)
    {
        var detector = new EnergyVoiceActivityDetector(sampleRate);
        var segmenter = new SpeechSegmenter(Frame);
        int frames = samples.Length / detector.FrameSamples;
        var run = new DetectionRun(new float[frames], new bool[frames], new bool[frames], []);
        var starts = new List<TimeSpan>();
        for (int i = 0; i < frames; i++)
        {
            run.Probabilities[i] = detector.Process(samples.AsSpan(i * detector.FrameSamples, detector.FrameSamples));
            SpeechTransition transition = segmenter.Process(run.Probabilities[i]);
            run.Live[i] = segmenter.IsSpeech;
            if (transition == SpeechTransition.Started)
            {
                starts.Add(segmenter.Position);
            }

            if (transition == SpeechTransition.Stopped || (i == frames - 1 && segmenter.IsSpeech))
            {
                int first = (int)(segmenter.SpeechStart / Frame);
                run.Reported.AsSpan(first, (int)(segmenter.SpeechEnd / Frame) - first).Fill(true);
            }
        }

        return run with { Starts = [.. starts] };
    }

    /// <summary>Seconds of live speech between two times.</summary>
    public double SpeechSeconds(double from = 0, double to = double.MaxValue) =>
        Live.Where((speech, i) => speech && i * 0.02 >= from && i * 0.02 < to).Count() * 0.02;
}
