using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Testing.Audio;

/// <summary>Speech from <c>tests/assets</c>, 24 kHz.</summary>
public static class SpeechFile
{
    /// <summary>The samples of a file by its name, such as <c>hello.wav</c>.</summary>
    public static short[] Read(string name) =>
        WavReader.TryRead(File.ReadAllBytes(Path.Combine(ServerProcess.Root, "tests", "assets", name)), out var wav, out var error)
            ? wav.ToMono()
            : throw new InvalidDataException($"{name}: {error}");
}
