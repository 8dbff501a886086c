using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Sessions;

/// <summary>What an engine offers, as <c>/api/config</c> shows it.</summary>
/// <param name="Model">The model used when the caller names none.</param>
/// <param name="Models">Models a caller may name; others are accepted when the engine says so.</param>
/// <param name="Voices">Voice names a caller may set.</param>
/// <param name="Description">One sentence for people: who answers and where the audio goes.</param>
/// <param name="Brain">The local engine's brain, null elsewhere.</param>
/// <param name="Services">What the local engine hears, speaks and thinks with, null elsewhere.</param>
/// <param name="Brains">Brains that a session may have, null where there is nothing to choose.</param>
/// <param name="IsEmbedded">It answers within this process, by whatever name a session calls its model: only prices of <paramref name="Models"/> count.</param>
public sealed record EngineDescription(
    string Model, IReadOnlyList<string> Models, IReadOnlyList<string> Voices, string Description, string? Brain = null, SpeechServices? Services = null,
    IReadOnlyList<string>? Brains = null, bool IsEmbedded = false);
