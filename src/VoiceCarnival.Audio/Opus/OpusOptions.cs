using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Audio.Opus;

/// <summary>How Opus encodes the agent's voice.</summary>
public sealed class OpusOptions
{
    internal static OpusOptions Default { get; } = new();

    /// <summary>Target bit rate, bit/s. 32000 is transparent for a voice at 24 kHz.</summary>
    [Range(6000, 128_000)]
    public int Bitrate { get; set; } = 32_000;

    /// <summary>Effort, 0 to 10: the encoder's time per frame grows with it, its quality little from 5 on.</summary>
    [Range(0, 10)]
    public int Complexity { get; set; } = 5;

    /// <summary>Puts a copy of each packet into the next one, at a lower rate, as soon as the far side reports loss (in-band FEC).</summary>
    public bool ForwardErrorCorrection { get; set; } = true;

    /// <summary>Sends next to nothing during silence (discontinuous transmission). Off: some receivers take a pause for a broken line.</summary>
    public bool DiscontinuousTransmission { get; set; }
}
