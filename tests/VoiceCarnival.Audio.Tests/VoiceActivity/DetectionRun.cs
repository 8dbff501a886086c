using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Detector and segmenter run over a signal: what each 20 ms frame was.</summary>
internal sealed record DetectionRun(float[] Probabilities, bool[] Speech, TimeSpan[] Starts)
{
    public static DetectionRun Over(short[] samples, int sampleRate) =>
        Over(samples, new EnergyVoiceActivityDetector(sampleRate), new SpeechSegmenter(TimeSpan.FromMilliseconds(20)));

    public static DetectionRun Over(short[] samples, IVoiceActivityDetector detector, SpeechSegmenter segmenter)
    {
        int frames = samples.Length / detector.FrameSamples;
        var probabilities = new float[frames];
        var speech = new bool[frames];
        var starts = new List<TimeSpan>();
        for (int i = 0; i < frames; i++)
        {
            probabilities[i] = detector.Process(samples.AsSpan(i * detector.FrameSamples, detector.FrameSamples));
            if (segmenter.Process(probabilities[i]) == SpeechTransition.Started)
            {
                starts.Add(segmenter.Position);
            }

            speech[i] = segmenter.IsSpeech;
        }

        return new DetectionRun(probabilities, speech, [.. starts]);
    }

    /// <summary>Seconds of speech between two times.</summary>
    public double SpeechSeconds(double from = 0, double to = double.MaxValue) =>
        Speech.Where((speech, i) => speech && i * 0.02 >= from && i * 0.02 < to).Count() * 0.02;
}
