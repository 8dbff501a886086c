using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Speech from the test assets, 24 kHz.</summary>
internal static class Speech
{
    public static short[] Hello { get; } = Read("hello.wav");

    /// <summary>The sentence with silence after it, long enough for the turn to end.</summary>
    public static short[] HelloAndSilence { get; } = [.. Hello, .. Tone.Silence(TimeSpan.FromSeconds(1))];

    private static short[] Read(string name) =>
        WavReader.TryRead(File.ReadAllBytes(Path.Combine(Gateway.RepositoryRoot, "tests", "assets", name)), out var wav, out var error)
            ? wav.ToMono()
            : throw new InvalidDataException($"{name}: {error}");
}
