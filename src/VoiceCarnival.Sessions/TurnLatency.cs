namespace VoiceCarnival.Sessions;

/// <summary>Where the time went between the end of a caller's turn and the first sound of the answer, as the engine measured it.</summary>
/// <param name="ResponseId">The answer.</param>
/// <param name="Silence">Silence that was waited for before the turn was taken to be over; null where the caller said itself that it was.</param>
/// <param name="Recognition">From there to the final transcript; zero where none is needed.</param>
/// <param name="Thinking">From there to the first text or sound that the brain came to.</param>
/// <param name="Speaking">From there to the first sound of its voice.</param>
/// <param name="Sending">From there to the first sample that was sent.</param>
public sealed record TurnLatency(string ResponseId, TimeSpan? Silence, TimeSpan Recognition, TimeSpan Thinking, TimeSpan Speaking, TimeSpan Sending)
{
    /// <summary>From the end of the turn, as it was found, to the first sample.</summary>
    public TimeSpan Total => Recognition + Thinking + Speaking + Sending;
}
