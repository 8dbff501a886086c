using System.Reflection;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio.Opus;

/// <summary>
/// libopus, as the system has it (Debian: libopus0, Homebrew: opus). Where it is missing Opus is not offered. Only its stable C interface is used, which is the
/// same from version 1.0 on.
/// </summary>
public static partial class OpusLibrary
{
    /// <summary>Samples per second of what is encoded and decoded. Opus takes 24 kHz as it is, whatever the far side's rate.</summary>
    public const int SampleRate = 24_000;

    internal const int Voip = 2048;
    internal const int SetBitrate = 4002;
    internal const int SetComplexity = 4010;
    internal const int SetInbandFec = 4012;
    internal const int SetPacketLossPercent = 4014;
    internal const int SetDtx = 4016;
    internal const int SetSignal = 4024;
    internal const int ResetState = 4028;
    internal const int SignalVoice = 3001;

    private const string Name = "opus";
    private static readonly string[] FileNames = OperatingSystem.IsWindows() ? ["opus.dll", "libopus-0.dll", "libopus.dll"]
        : OperatingSystem.IsMacOS() ? ["libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib"]
        : ["libopus.so.0", "libopus.so"];

    private static readonly nint Handle = Load();

    static OpusLibrary() => NativeLibrary.SetDllImportResolver(typeof(OpusLibrary).Assembly, Resolve);

    /// <summary>Opus can be used.</summary>
    public static bool IsAvailable => Handle != 0;

    /// <summary>What the library calls itself, such as <c>libopus 1.3.1</c>; null when there is none.</summary>
    public static string? Version => IsAvailable ? Marshal.PtrToStringUTF8(GetVersionString()) : null;

    /// <summary>
    /// The settings go through a C function with a variable number of arguments. Apple's convention on arm64 passes those differently from all others, so there the
    /// library's own settings stay as they are.
    /// </summary>
    internal static bool TakesSettings { get; } = !(OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64);

    [LibraryImport(Name, EntryPoint = "opus_encoder_create")]
    internal static partial OpusEncoderHandle CreateEncoder(int sampleRate, int channels, int application, out int error);

    [LibraryImport(Name, EntryPoint = "opus_encoder_destroy")]
    internal static partial void DestroyEncoder(nint encoder);

    [LibraryImport(Name, EntryPoint = "opus_encoder_ctl")]
    internal static partial int Control(OpusEncoderHandle encoder, int request, int value);

    [LibraryImport(Name, EntryPoint = "opus_encode")]
    internal static partial int Encode(OpusEncoderHandle encoder, ReadOnlySpan<short> samples, int frameSize, Span<byte> payload, int payloadLength);

    [LibraryImport(Name, EntryPoint = "opus_decoder_create")]
    internal static partial OpusDecoderHandle CreateDecoder(int sampleRate, int channels, out int error);

    [LibraryImport(Name, EntryPoint = "opus_decoder_destroy")]
    internal static partial void DestroyDecoder(nint decoder);

    [LibraryImport(Name, EntryPoint = "opus_decode")]
    internal static partial int Decode(OpusDecoderHandle decoder, ReadOnlySpan<byte> payload, int length, Span<short> samples, int frameSize, int forwardErrorCorrection);

    [LibraryImport(Name, EntryPoint = "opus_packet_get_nb_samples")]
    internal static partial int SamplesIn(ReadOnlySpan<byte> payload, int length, int sampleRate);

    [LibraryImport(Name, EntryPoint = "opus_get_version_string")]
    private static partial nint GetVersionString();

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Name ? Handle : 0;

    private static nint Load()
    {
        foreach (string name in FileNames)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
                return handle;
        }

        return 0;
    }
}
