using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Speech from the test assets, 24 kHz.</summary>
internal static class Speech
{
    public static short[] Hello { get; } = SpeechFile.Read("hello.wav");

    /// <summary>The sentence with silence after it, long enough for the turn to end.</summary>
    public static short[] HelloAndSilence { get; } = [.. Hello, .. Tone.Silence(TimeSpan.FromSeconds(1))];
}
