namespace VoiceCarnival.Audio.Speech;

/// <summary>Whether a service is there.</summary>
/// <param name="Name">What it is, such as <c>flite</c>, or the host of a remote one; <c>none</c> where there is nothing.</param>
/// <param name="Available">It can be asked.</param>
/// <param name="Reason">Where it is not: why, and what would change that, as a sentence.</param>
/// <param name="IsRemote">What is said is sent to another server.</param>
public sealed record ServiceState(string Name, bool Available, string? Reason = null, bool IsRemote = false);
