namespace VoiceCarnival.Audio.Speech;

/// <summary>
/// What a speech-to-text client answers when asked for this service, if it tells what it understands while the audio is still coming: a WAV header of unknown length, then samples as they
/// are spoken. Each of its updates holds all that it has understood so far, which it may still change. A client that has no such answer is given whole utterances only.
/// </summary>
public sealed record LiveTranscription;
