using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>Our side of a call's offers and answers: what stays the same from one to the next, and what was agreed on.</summary>
internal sealed class WebRtcAnswering
{
    private readonly ulong _sessionId = RandomNumber() >> 1;
    private readonly Ssrc _ssrc = new((uint)RandomNumber());
    private readonly string _cname = Convert.ToBase64String(RandomNumberGenerator.GetBytes(12)); // RFC 7022, section 4.2
    private ulong _version;
    private RtpMap? _codec;

    /// <summary>What was agreed on for the audio; null for a call without.</summary>
    public AudioCallOptions? Audio { get; private set; }

    /// <summary>Whether a further offer has the codec that the call uses: it cannot be changed under way.</summary>
    public bool Fits(WebRtcOffer offer) => _codec is null || (offer.Audio?.GetRtpMaps().Contains(_codec) ?? true);

    /// <summary>Answers an offer; the first one decides about the codec.</summary>
    public bool TryAnswer(
        WebRtcOffer offer, IceCredentials local, DtlsFingerprint fingerprint, IReadOnlyList<IceCandidate> candidates, out ReadOnlyMemory<byte> answer, out SdpError? error)
    {
        answer = default;
        var options = new WebRtcAnswerOptions
        {
            SessionId = _sessionId,
            Version = ++_version,
            Ice = local,
            Fingerprint = fingerprint,
            Candidates = candidates,
            Codecs = _codec is null ? [.. AudioCodecs.Available.Select(codec => new RtpCodec(codec.Name, codec.ClockRate, codec.Channels))] : [_codec.Codec],
            Ssrc = _ssrc,
            Cname = _cname,
            OpusParameters = AudioCodecs.Opus.Parameters!,
        };
        if (!WebRtcAnswer.TryCreate(offer, options, out var made, out error))
            return false;
        if (_codec is null && made.Codec is { } codec && AudioCodecs.Find(codec.Codec.Name, codec.Codec.ClockRate) is { } known)
        {
            _codec = codec;
            Audio = new AudioCallOptions
            {
                Codec = known,
                PayloadType = codec.PayloadType,
                Keys = made.Keys is { } keys ? [keys.PayloadType] : [],
                Ssrc = _ssrc,
                Cname = _cname,
                Sends = made.Direction is MediaDirection.SendReceive or MediaDirection.SendOnly,
                Receives = made.Direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly,
            };
        }

        answer = Encoding.UTF8.GetBytes(made.Description.Format());
        return true;
    }

    private static ulong RandomNumber() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
}
