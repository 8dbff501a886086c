namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Counts of frames by what they are and what was said about them.</summary>
internal readonly record struct FrameScore(int Hits, int FalseAlarms, int Misses)
{
    public double Precision => Hits + FalseAlarms == 0 ? 0 : (double)Hits / (Hits + FalseAlarms);

    public double Recall => Hits + Misses == 0 ? 0 : (double)Hits / (Hits + Misses);

    public double F1 => 2.0 * Hits / Math.Max((2 * Hits) + FalseAlarms + Misses, 1);

    public static FrameScore operator +(FrameScore a, FrameScore b) =>
        new(a.Hits + b.Hits, a.FalseAlarms + b.FalseAlarms, a.Misses + b.Misses);

    public static FrameScore Of(bool[] labels, bool[] detected)
    {
        FrameScore score = default;
        for (int i = 0; i < Math.Min(labels.Length, detected.Length); i++)
        {
            score += new FrameScore(
                labels[i] && detected[i] ? 1 : 0,
                !labels[i] && detected[i] ? 1 : 0,
                labels[i] && !detected[i] ? 1 : 0);
        }

        return score;
    }
}
