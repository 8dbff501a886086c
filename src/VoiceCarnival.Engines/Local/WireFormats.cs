using VoiceCarnival.Audio;

namespace VoiceCarnival.Engines.Local;

/// <summary>Formats by the wire names that the session reader has already checked.</summary>
internal static class WireFormats
{
    public static AudioFormat Of(string wireType) => AudioFormat.TryParse(wireType, out var format) ? format : AudioFormat.Pcm24k;
}
