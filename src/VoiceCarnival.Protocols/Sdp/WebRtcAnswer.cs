using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Our answer to a browser's offer, and what was agreed on by it.</summary>
public sealed class WebRtcAnswer
{
    private const string TelephoneEvent = "telephone-event";

    private WebRtcAnswer(SessionDescription description, SetupRole setup)
    {
        Description = description;
        Setup = setup;
    }

    /// <summary>The answer.</summary>
    public SessionDescription Description { get; }

    /// <summary>Active: we are the DTLS client. Passive: the server.</summary>
    public SetupRole Setup { get; }

    /// <summary>The codec, under the payload type of the offer; null without audio.</summary>
    public RtpMap? Codec { get; private init; }

    /// <summary>Keys, by the codec's clock; null when they were not offered.</summary>
    public RtpMap? Keys { get; private init; }

    /// <summary>Which way audio flows, seen from us.</summary>
    public MediaDirection Direction { get; private init; }

    /// <summary>Makes the answer: every section of the offer in its place, those we do not take with port 0 (RFC 3264, section 6).</summary>
    /// <returns>Whether there is one; if not, the offer has no codec of ours.</returns>
    public static bool TryCreate(WebRtcOffer offer, WebRtcAnswerOptions options, [NotNullWhen(true)] out WebRtcAnswer? answer, [NotNullWhen(false)] out SdpError? error)
    {
        answer = null;
        error = null;
        RtpMap? codec = null, keys = null;
        if (offer.Audio is { } audio)
        {
            var offered = audio.GetRtpMaps();
            codec = options.Codecs.Select(ours => offered.FirstOrDefault(map => map.Codec.Equals(ours))).FirstOrDefault(map => map is not null);
            if (codec is null)
            {
                error = new SdpError(audio.Line, $"None of the codecs is one of {string.Join(", ", options.Codecs)}.");
                return false;
            }

            keys = offered.FirstOrDefault(map => map.Codec.Name.Equals(TelephoneEvent, StringComparison.OrdinalIgnoreCase) && map.Codec.ClockRate == codec.Codec.ClockRate);
        }

        var setup = offer.Setup == SetupRole.Passive ? SetupRole.Active : SetupRole.Passive;
        var connection = ConnectionOf(options.Candidates[0]);
        var description = new SessionDescription
        {
            Origin = new SdpOrigin("-", options.SessionId, options.Version, new SdpConnection("127.0.0.1")),
            Connection = connection,
        };
        description.Attributes.Add("ice-lite");
        var direction = offer.Audio is null ? MediaDirection.Inactive : offer.Description.DirectionOf(offer.Audio).Answer();
        var mids = new List<string>();
        foreach (var media in offer.Description.Media)
        {
            bool isAudio = media == offer.Audio;
            if (!isAudio && media != offer.Data)
            {
                description.Media.Add(Rejected(media));
                continue;
            }

            var section = new MediaDescription { Kind = media.Kind, Port = options.Candidates[0].Port, Protocol = media.Protocol, Connection = connection };
            AddTransport(section.Attributes, options, setup);
            if (media.Mid is { } mid)
            {
                section.Attributes.Add("mid", mid);
                mids.Add(mid);
            }

            if (isAudio)
                AddAudio(section, codec!, keys, direction, options);
            else
                AddData(section, options);
            description.Media.Add(section);
        }

        if (mids.Count > 0 && offer.Description.Attributes.All("group").Any(group => group.Value?.StartsWith("BUNDLE", StringComparison.Ordinal) == true))
            description.Attributes.Add("group", "BUNDLE " + string.Join(' ', mids));
        description.Attributes.Add("msid-semantic", "WMS *");
        answer = new WebRtcAnswer(description, setup) { Codec = codec, Keys = keys, Direction = direction };
        return true;
    }

    private static SdpConnection ConnectionOf(IceCandidate candidate) => new(candidate.Address, candidate.Address.Contains(':', StringComparison.Ordinal));

    private static MediaDescription Rejected(MediaDescription media)
    {
        var rejected = new MediaDescription { Kind = media.Kind, Port = 0, Protocol = media.Protocol, Formats = [.. media.Formats], Connection = new SdpConnection("0.0.0.0") };
        if (media.Mid is { } mid)
            rejected.Attributes.Add("mid", mid);
        rejected.Attributes.Add(MediaDirection.Inactive.Name());
        return rejected;
    }

    private static void AddTransport(AttributeLines attributes, WebRtcAnswerOptions options, SetupRole setup)
    {
        attributes.Add("ice-ufrag", options.Ice.Ufrag);
        attributes.Add("ice-pwd", options.Ice.Password);
        foreach (var candidate in options.Candidates)
            attributes.Add("candidate", candidate.Format());
        attributes.Add("end-of-candidates");
        attributes.Add("fingerprint", options.Fingerprint.ToString());
        attributes.Add("setup", setup == SetupRole.Active ? "active" : "passive");
    }

    private static void AddAudio(MediaDescription section, RtpMap codec, RtpMap? keys, MediaDirection direction, WebRtcAnswerOptions options)
    {
        var attributes = section.Attributes;
        section.Formats.Add(codec.PayloadType.ToString());
        if (keys is not null)
            section.Formats.Add(keys.PayloadType.ToString());
        attributes.Add(direction.Name());
        attributes.Add("rtcp-mux");
        attributes.Add("rtpmap", codec.ToString());
        if (codec.Codec.Equals(RtpCodec.Opus))
            attributes.Add("fmtp", $"{codec.PayloadType} {options.OpusParameters}");
        if (keys is not null)
        {
            attributes.Add("rtpmap", keys.ToString());
            attributes.Add("fmtp", $"{keys.PayloadType} 0-15");
        }

        attributes.Add("ptime", "20");
        if (direction is MediaDirection.SendReceive or MediaDirection.SendOnly)
        {
            attributes.Add("msid", "agent audio"); // no CNAME: a token has no '/' or '=' (RFC 8830, section 2)
            attributes.Add("ssrc", $"{options.Ssrc} cname:{options.Cname}");
        }
    }

    private static void AddData(MediaDescription section, WebRtcAnswerOptions options)
    {
        string port = options.SctpPort.ToString(CultureInfo.InvariantCulture);
        bool isOlder = section.Protocol == WebRtcOffer.OlderProtocol;
        section.Formats.Add(isOlder ? port : WebRtcOffer.DataChannel);
        if (isOlder)
            section.Attributes.Add("sctpmap", $"{port} {WebRtcOffer.DataChannel} {ushort.MaxValue}");
        else
            section.Attributes.Add("sctp-port", port);
        section.Attributes.Add("max-message-size", options.MaxMessageSize.ToString(CultureInfo.InvariantCulture));
    }
}
