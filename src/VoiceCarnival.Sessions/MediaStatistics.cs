namespace VoiceCarnival.Sessions;

/// <summary>How the media of a call are doing, at one moment. Counts are since its beginning.</summary>
/// <param name="Codec">What is sent, by its SDP name.</param>
/// <param name="PacketsReceived">RTP packets that came, duplicates included.</param>
/// <param name="PacketsLost">Packets of the caller's that did not arrive; negative when more came twice than were lost.</param>
/// <param name="PacketsSent">RTP packets sent.</param>
/// <param name="JitterMilliseconds">Mean deviation of the arrival times (RFC 3550, section 6.4.1).</param>
/// <param name="RoundTripMilliseconds">To the caller and back, by its RTCP reports; null before the first.</param>
/// <param name="RemoteLossPercent">Share of our packets that the caller lately missed, by its RTCP reports; null before the first.</param>
/// <param name="ConcealedMilliseconds">Caller's audio that was lost and made up.</param>
/// <param name="SilenceMilliseconds">Silence put in by the clock while nothing came.</param>
/// <param name="QueuedMilliseconds">Agent's audio that waits to be played.</param>
public sealed record MediaStatistics(
    string Codec, long PacketsReceived, long PacketsLost, long PacketsSent, double JitterMilliseconds, double? RoundTripMilliseconds, double? RemoteLossPercent,
    long ConcealedMilliseconds, long SilenceMilliseconds, long QueuedMilliseconds)
{
    /// <summary>How good the caller's voice sounds, from 1 to 4.5, estimated by <see cref="EModel"/>; null before anything came.</summary>
    public double? Mos => PacketsReceived == 0 ? null : EModel.Mos(
        Codec, 100.0 * Math.Max(0, PacketsLost) / (PacketsReceived + Math.Max(0, PacketsLost)), JitterMilliseconds, RoundTripMilliseconds ?? 0);
}
