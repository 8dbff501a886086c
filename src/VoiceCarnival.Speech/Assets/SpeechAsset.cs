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

    /// <summary>flite 2.2 with its voices, built of Debian's source package by <c>flite/build.sh</c>.</summary>
    public static readonly SpeechAsset Flite = new("flite.wasm", 8_891_421, "f713cddc5bbd5bb9c3b04658486cddf3df424e455b4fc04e035c55ccb8d46185");

    /// <summary>RNNoise with its network, for 48 kHz.</summary>
    public static readonly SpeechAsset Rnnoise = new("rnnoise.wasm", 125_713, "6b4d53ac61b7301fa150020fe529151700726b38d5954552ec043e22e93dada2");

    /// <summary>Every asset there is.</summary>
    public static IReadOnlyList<SpeechAsset> All { get; } = [SileroVad, Flite, Rnnoise];

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
