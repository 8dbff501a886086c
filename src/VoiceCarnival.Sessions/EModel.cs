namespace VoiceCarnival.Sessions;

/// <summary>
/// The E-model (ITU-T G.107) as far as a gateway can see the line: loss, delay and codec; noise and echo are taken as its defaults. Jitter counts as the delay of a buffer that
/// takes it up, and what is later than that as loss.
/// </summary>
public static class EModel
{
    private const double Best = 93.2; // R of a clean line
    private const double OwnDelay = 40; // ms: packet, coder, the far side's buffer at its least

    /// <summary>Mean opinion score, 1 to 4.5.</summary>
    /// <param name="codec">By its SDP name.</param>
    /// <param name="lossPercent">Packets that did not come.</param>
    /// <param name="jitterMilliseconds">Mean deviation of arrival times (RFC 3550).</param>
    /// <param name="roundTripMilliseconds">There and back.</param>
    public static double Mos(string codec, double lossPercent, double jitterMilliseconds, double roundTripMilliseconds) =>
        Math.Round(MosOf(Rating(codec, lossPercent, jitterMilliseconds, roundTripMilliseconds)), 2);

    /// <summary>The transmission rating R, 0 to 100.</summary>
    internal static double Rating(string codec, double lossPercent, double jitterMilliseconds, double roundTripMilliseconds)
    {
        // Equipment impairment and robustness: ITU-T G.113, appendix I (G.711 and G.722 with concealment); Opus by its published tests.
        var (impairment, robustness) = codec.ToUpperInvariant() switch
        {
            "OPUS" => (0.0, 30.0),
            "G722" => (0.0, 20.0),
            _ => (0.0, 25.1),
        };
        double delay = roundTripMilliseconds / 2 + OwnDelay + 2 * jitterMilliseconds;
        double late = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
        double loss = Math.Clamp(lossPercent, 0, 100);
        double lost = impairment + (95 - impairment) * loss / (loss + robustness);
        return Math.Clamp(Best - late - lost, 0, 100);
    }

    /// <summary>The score of a rating (annex B).</summary>
    internal static double MosOf(double rating)
    {
        double r = Math.Clamp(rating, 0, 100);
        return Math.Clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1, 4.5);
    }
}
