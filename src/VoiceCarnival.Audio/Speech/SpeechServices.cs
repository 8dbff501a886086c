namespace VoiceCarnival.Audio.Speech;

/// <summary>What the local engine hears, speaks and thinks with; the services themselves are <c>Microsoft.Extensions.AI</c>'s clients.</summary>
/// <param name="Recognition">Speech to text.</param>
/// <param name="Synthesis">Text to speech.</param>
/// <param name="Chat">The language model.</param>
public sealed record SpeechServices(ServiceState Recognition, ServiceState Synthesis, ServiceState Chat);
