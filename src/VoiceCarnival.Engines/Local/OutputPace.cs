namespace VoiceCarnival.Engines.Local;

/// <summary>How output audio leaves: a lead at once, then bursts at a multiple of real time.</summary>
/// <param name="Speed">Times real time.</param>
/// <param name="Lead">Audio sent at once.</param>
/// <param name="Delta">Audio in one event.</param>
/// <param name="Burst">Events that leave together.</param>
/// <param name="Jitter">Longest random delay added to each burst.</param>
public sealed record OutputPace(double Speed, TimeSpan Lead, TimeSpan Delta, int Burst, TimeSpan Jitter)
{
    /// <summary>The pace that the options ask for.</summary>
    public static OutputPace From(LocalEngineOptions options) => new(
        options.OutputSpeed, TimeSpan.FromMilliseconds(options.OutputLeadMs), TimeSpan.FromMilliseconds(options.OutputDeltaMs), options.OutputBurst, TimeSpan.Zero);
}
