namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>Tokens that a model counted for one response.</summary>
/// <param name="Input">Of instructions, tools and history.</param>
/// <param name="Cached">Those of <paramref name="Input"/> that the model knew already.</param>
/// <param name="Output">Of what it wrote.</param>
public readonly record struct ModelUsage(int Input, int Cached, int Output);
