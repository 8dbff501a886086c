using System.IO.Compression;

namespace VoiceCarnival.Speech.Assets;

/// <summary>A file that is part of this assembly, gzipped; what and whose they are tells the README beside them.</summary>
/// <param name="Name">Its name, unpacked.</param>
/// <param name="Length">Its length, unpacked, in bytes.</param>
/// <param name="Sha256">The SHA-256 of it, unpacked, in lower-case hex.</param>
internal sealed record SpeechAsset(string Name, int Length, string Sha256)
{
    /// <summary>Silero's voice activity model, version 6: ONNX, weights for 8 and 16 kHz.</summary>
    public static readonly SpeechAsset SileroVad = new("silero_vad_v6.onnx", 2_327_524, "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3");

    /// <summary>Every asset there is.</summary>
    public static IReadOnlyList<SpeechAsset> All { get; } = [SileroVad];

    /// <summary>Unpacks it.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public byte[] Read()
    {
        using var packed = typeof(SpeechAsset).Assembly.GetManifestResourceStream(Name + ".gz")
            ?? throw new InvalidDataException($"{Name} is not part of this build.");
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        var bytes = new byte[Length];
        int read = gzip.ReadAtLeast(bytes, Length, throwOnEndOfStream: false);
        return read == Length && gzip.ReadByte() < 0 ? bytes : throw new InvalidDataException($"{Name} is not the file that this build was made for.");
    }
}
