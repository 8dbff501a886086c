using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Engines.Local;

/// <summary>What the local engine works with; each may be absent.</summary>
/// <param name="Detectors">Find speech; by energy without them.</param>
/// <param name="Recogniser">Understands speech.</param>
/// <param name="Voice">Speaks.</param>
/// <param name="Chat">Thinks, for the <c>chat</c> brain.</param>
/// <param name="States">Why what is absent is.</param>
/// <param name="Suppressors">Take noise out of what is heard, where a session asks for it.</param>
public sealed record LocalServices(
    IVoiceActivityDetectorFactory? Detectors = null, ISpeechToTextClient? Recogniser = null, ITextToSpeechClient? Voice = null, IChatClient? Chat = null, SpeechServices? States = null,
    INoiseSuppressorFactory? Suppressors = null);
