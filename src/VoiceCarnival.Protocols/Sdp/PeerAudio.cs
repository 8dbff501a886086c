using System.Globalization;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>The audio stream of a peer's description that a phone call can take, and what stands there of it.</summary>
internal static class PeerAudio
{
    private const int OpusMilliseconds = 20;

    /// <summary>The first that is not refused and has a profile and keys that suit; null when there is none.</summary>
    public static MediaDescription? Find(SessionDescription offer, SrtpUse srtp, out SdesCrypto? crypto)
    {
        crypto = null;
        foreach (var media in offer.Media)
        {
            if (media.Kind != "audio" || media.IsRejected)
                continue;
            if (media.Protocol is "RTP/AVP" or "RTP/AVPF" && srtp != SrtpUse.Always)
                return media;
            if (media.Protocol is "RTP/SAVP" or "RTP/SAVPF" && srtp != SrtpUse.Never && FindCrypto(media) is { } found)
            {
                crypto = found;
                return media;
            }
        }

        return null;
    }

    /// <summary>The first of its keys that we know how to use.</summary>
    public static SdesCrypto? FindCrypto(MediaDescription media)
    {
        foreach (var line in media.Attributes.All("crypto"))
        {
            if (SdesCrypto.TryParse(line.Value, out var crypto))
                return crypto;
        }

        return null;
    }

    /// <summary>
    /// Its codecs, in its order. Opus is sent in packets of 20 ms: where the peer takes no more than less at once (<c>a=maxptime</c>), the others go first.
    /// </summary>
    public static IReadOnlyList<RtpMap> MapsOf(SessionDescription theirs, MediaDescription audio)
    {
        var maps = audio.GetRtpMaps();
        if (!(Milliseconds(theirs, audio, "maxptime") < OpusMilliseconds))
            return maps;
        RtpMap[] others = [.. maps.Where(map => !map.Codec.Equals(RtpCodec.Opus))];
        return others.Any(map => !map.Codec.Name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase)) ? others : maps;
    }

    /// <summary>Where it wants reports: the next port, the same where both are one (RFC 5761), or a port of its own (RFC 3605).</summary>
    public static int RtcpPortOf(SessionDescription theirs, MediaDescription audio)
    {
        if (audio.Attributes.Has("rtcp-mux"))
            return audio.Port;
        return theirs.Find(audio, "rtcp")?.Value is { } stated && ushort.TryParse(stated.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : audio.Port < ushort.MaxValue ? audio.Port + 1 : 0;
    }

    /// <summary>Milliseconds that it wants in a packet, as far as there are such packets.</summary>
    public static int PacketTimeOf(SessionDescription theirs, MediaDescription audio)
    {
        int wanted = Milliseconds(theirs, audio, "ptime") ?? 20;
        int most = Milliseconds(theirs, audio, "maxptime") ?? 60;
        // In steps of ten, as all codecs here have it.
        return Math.Clamp(Math.Min(wanted, most) / 10 * 10, 10, 60);
    }

    /// <summary>What goes which way: as far as both want it.</summary>
    public static MediaDirection DirectionOf(SessionDescription theirs, MediaDescription audio, SdpConnection connection, MediaDirection wanted)
    {
        // c=0.0.0.0 is a hold of before RFC 3264: nothing can be sent there (section 8.4).
        var theirWord = theirs.DirectionOf(audio);
        if (connection.IsUnspecified)
            theirWord = theirWord is MediaDirection.SendReceive or MediaDirection.SendOnly ? MediaDirection.SendOnly : MediaDirection.Inactive;
        var possible = theirWord.Answer();
        bool sends = Sends(possible) && Sends(wanted);
        bool receives = Receives(possible) && Receives(wanted);
        return sends ? receives ? MediaDirection.SendReceive : MediaDirection.SendOnly : receives ? MediaDirection.ReceiveOnly : MediaDirection.Inactive;

        static bool Sends(MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.SendOnly;
        static bool Receives(MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly;
    }

    private static int? Milliseconds(SessionDescription theirs, MediaDescription audio, string name) =>
        double.TryParse(theirs.Find(audio, name)?.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is > 0 and < 1000 ? (int)number : null;
}
