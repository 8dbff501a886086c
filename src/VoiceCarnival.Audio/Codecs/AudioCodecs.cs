using VoiceCarnival.Audio.G722;
using VoiceCarnival.Audio.Opus;

namespace VoiceCarnival.Audio.Codecs;

/// <summary>The codecs that calls may use here.</summary>
public static class AudioCodecs
{
    /// <summary>Opus (RFC 6716, RFC 7587): 24 kHz audio under its fixed clock of 48 kHz. Only where <see cref="OpusLibrary.IsAvailable"/>.</summary>
    public static AudioCodec Opus { get; } = new("opus", 48_000, OpusLibrary.SampleRate, static options => new OpusEncoder(options), static () => new OpusDecoder())
    {
        Channels = 2,
        Parameters = "minptime=10;useinbandfec=1",
    };

    /// <summary>G.722 at 64 kbit/s: 16 kHz audio, while its RTP clock says 8000 by an old mistake (RFC 3551, section 4.5.2).</summary>
    public static AudioCodec G722 { get; } = new("G722", 8000, 16_000, static _ => new G722Encoder(), static () => new G722Decoder()) { PayloadType = 9 };

    /// <summary>G.711 µ-law.</summary>
    public static AudioCodec Pcmu { get; } = new("PCMU", 8000, 8000, static _ => new G711Encoder(AudioFormat.Pcmu), static () => new G711Decoder(AudioFormat.Pcmu))
    {
        PayloadType = 0,
        WireFormat = AudioFormat.Pcmu,
    };

    /// <summary>G.711 A-law.</summary>
    public static AudioCodec Pcma { get; } = new("PCMA", 8000, 8000, static _ => new G711Encoder(AudioFormat.Pcma), static () => new G711Decoder(AudioFormat.Pcma))
    {
        PayloadType = 8,
        WireFormat = AudioFormat.Pcma,
    };

    /// <summary>All that can be used on this machine, the best first: wide-band before narrow-band, and Opus, which survives loss, before all.</summary>
    public static IReadOnlyList<AudioCodec> Available { get; } = OpusLibrary.IsAvailable ? [Opus, G722, Pcmu, Pcma] : [G722, Pcmu, Pcma];

    /// <summary>The codec that an <c>a=rtpmap</c> names, when it can be used here.</summary>
    public static AudioCodec? Find(string name, int clockRate) =>
        Available.FirstOrDefault(codec => codec.ClockRate == clockRate && codec.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
