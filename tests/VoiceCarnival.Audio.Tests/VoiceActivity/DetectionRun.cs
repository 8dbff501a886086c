using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Detector and segmenter run over a signal.</summary>
/// <param name="Probabilities">Of each of the detector's frames.</param>
/// <param name="Live">The segmenter's state after each frame, as a listener sees it at that moment: onset late, hang-over included.</param>
/// <param name="Reported">Frames between the start and the end that the segmenter reports for each stretch of speech.</param>
/// <param name="Starts">When each stretch was announced.</param>
internal sealed record DetectionRun(float[] Probabilities, bool[] Live, bool[] Reported, TimeSpan[] Starts)
{
    private static readonly TimeSpan Label = TimeSpan.FromMilliseconds(20);

    public static DetectionRun Over(short[] samples, int sampleRate) => Over(samples, new EnergyVoiceActivityDetector(sampleRate));

    /// <summary>The detector's frames may have another length: what is said of a frame of 20 ms is what was known at its end.</summary>
    public static DetectionRun Over(short[] samples, IVoiceActivityDetector detector)
    {
        var frame = TimeSpan.FromSeconds((double)detector.FrameSamples / detector.SampleRate);
        var segmenter = new SpeechSegmenter(frame);
        int labels = samples.Length / (detector.SampleRate / 50);
        int frames = samples.Length / detector.FrameSamples;
        var run = new DetectionRun(new float[frames], new bool[labels], new bool[labels], []);
        var starts = new List<TimeSpan>();
        for (int i = 0; i < frames; i++)
        {
            run.Probabilities[i] = detector.Process(samples.AsSpan(i * detector.FrameSamples, detector.FrameSamples));
            SpeechTransition transition = segmenter.Process(run.Probabilities[i]);
            for (int k = LabelAt(segmenter.Position) - 1; k >= 0 && k < labels && (k + 1) * Label < segmenter.Position + frame; k++)
            {
                run.Live[k] = segmenter.IsSpeech;
            }

            if (transition == SpeechTransition.Started)
            {
                starts.Add(segmenter.Position);
            }

            if (transition == SpeechTransition.Stopped || (i == frames - 1 && segmenter.IsSpeech))
            {
                int first = LabelAt(segmenter.SpeechStart);
                run.Reported.AsSpan(first, Math.Min(LabelAt(segmenter.SpeechEnd), labels) - first).Fill(true);
            }
        }

        return run with { Starts = [.. starts] };
    }

    /// <summary>Seconds of live speech between two times.</summary>
    public double SpeechSeconds(double from = 0, double to = double.MaxValue) =>
        Live.Where((speech, i) => speech && i * 0.02 >= from && i * 0.02 < to).Count() * 0.02;

    // The label frame that begins at a time, or the next to begin.
    private static int LabelAt(TimeSpan time) => (int)Math.Ceiling(time / Label);
}
