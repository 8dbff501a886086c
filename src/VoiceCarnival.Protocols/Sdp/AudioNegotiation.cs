using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>
/// Offers and answers of a phone call with one audio stream (RFC 3264), over RTP/AVP or, with keys in the SDP, RTP/SAVP. Other streams are refused one by one, so
/// that the answer has as many as the offer. An offer that is not answered leaves everything as it was.
/// </summary>
public sealed class AudioNegotiation(AudioOptions options)
{
    private const string KeysName = "telephone-event";
    private const int FirstDynamic = 96;
    private ulong _version;
    private string? _lastBody;
    private List<MediaDescription> _sections = [];
    private int _audioIndex;
    private MediaDirection _offeredDirection;
    private SessionDescription? _offer;
    private SessionDescription? _answered;

    /// <summary>What holds now; null before the first answer.</summary>
    public AudioAgreement? Agreement { get; private set; }

    /// <summary>An offer of ours has not been answered.</summary>
    public bool HasOpenOffer => _offer is not null;

    /// <summary>What we want: the peer is put on hold by <see cref="MediaDirection.SendOnly"/> or <see cref="MediaDirection.Inactive"/>.</summary>
    public MediaDirection Wanted { get; set; } = MediaDirection.SendReceive;

    /// <summary>Whether an offer could be answered at all, for who has no port yet.</summary>
    public static SdpError? Check(SessionDescription offer, IReadOnlyList<RtpCodec> codecs, SrtpUse srtp)
    {
        if (PeerAudio.Find(offer, srtp, out var crypto) is not { } audio)
            return new SdpError(0, "No audio stream over RTP/AVP or RTP/SAVP that can be taken.");
        crypto?.Key.Dispose();
        return CommonCodec(PeerAudio.MapsOf(offer, audio), codecs) is null ? new SdpError(audio.Line, $"None of the codecs is one of {string.Join(", ", codecs)}.") : null;
    }

    /// <summary>The codec that an answer to an offer would take; null when there is none in common.</summary>
    public static RtpCodec? Choose(SessionDescription offer, IReadOnlyList<RtpCodec> codecs, SrtpUse srtp)
    {
        if (PeerAudio.Find(offer, srtp, out var crypto) is not { } audio)
            return null;
        crypto?.Key.Dispose();
        return CommonCodec(PeerAudio.MapsOf(offer, audio), codecs)?.Codec;
    }

    /// <summary>Makes an offer: the first one, or the session as it is with what we want now.</summary>
    public SessionDescription CreateOffer()
    {
        _offeredDirection = Wanted;
        bool isSecure = Agreement is null ? options.Srtp != SrtpUse.Never : Agreement.LocalCrypto is not null;
        var audio = Section(isSecure ? "RTP/SAVP" : "RTP/AVP", _offeredDirection);
        AddCodecs(audio, OfferedMaps());
        if (isSecure)
            audio.Attributes.Add("crypto", Crypto(1, SrtpProfile.AesCm128HmacSha1Tag80).Format());
        var sections = _sections.ToList();
        if (sections.Count == 0)
            sections.Add(audio);
        else
            sections[_audioIndex] = audio;
        _offer = Describe(sections);
        return _offer;
    }

    /// <summary>Nobody answers our offer: it was refused.</summary>
    public void Withdraw() => _offer = null;

    /// <summary>Another peer may answer the same offer: one that was called beside the first one (RFC 3261, section 13.2.2.4).</summary>
    public void Reopen() => _offer ??= _answered;

    /// <summary>Takes the answer to our offer.</summary>
    public bool TryAccept(SessionDescription answer, [NotNullWhen(false)] out SdpError? error)
    {
        error = null;
        if (_offer is not { } offer)
        {
            error = new SdpError(0, "There is no offer to answer.");
            return false;
        }

        int index = Math.Min(_audioIndex, offer.Media.Count - 1);
        if (answer.Media.Count != offer.Media.Count || answer.Media[index] is not { Kind: "audio", IsRejected: false } audio || answer.ConnectionOf(audio) is not { } connection)
        {
            error = new SdpError(0, "The answer takes no audio.");
            return false;
        }

        var ours = offer.Media[index];
        SdesCrypto? theirs = null;
        bool isSecure = ours.Protocol == "RTP/SAVP";
        if (audio.Protocol != ours.Protocol || (isSecure && (theirs = PeerAudio.FindCrypto(audio)) is null))
        {
            error = new SdpError(audio.Line, $"The answer is not over {ours.Protocol}.");
            return false;
        }

        var answered = audio.GetRtpMaps();
        if (CommonCodec(answered, options.Codecs, theirOrder: true) is not { } codec)
        {
            error = new SdpError(audio.Line, "The answer takes none of the codecs.");
            return false;
        }

        Agreement = Agree(answer, audio, connection, codec, answered, [.. ours.GetRtpMaps()], PeerAudio.DirectionOf(answer, audio, connection, Wanted)) with
        {
            LocalCrypto = theirs is null ? null : Crypto(theirs.Tag, theirs.Key.Profile),
            RemoteCrypto = theirs,
        };
        _sections = offer.Media;
        _audioIndex = index;
        _answered = offer;
        _offer = null;
        return true;
    }

    /// <summary>Answers an offer of the peer: the first one, or a change.</summary>
    public bool TryAnswer(SessionDescription offer, [NotNullWhen(true)] out SessionDescription? answer, [NotNullWhen(false)] out SdpError? error)
    {
        answer = null;
        error = Check(offer, options.Codecs, options.Srtp);
        if (error is not null || PeerAudio.Find(offer, options.Srtp, out var crypto) is not { } audio)
        {
            error ??= new SdpError(0, "No audio.");
            return false;
        }

        if (offer.ConnectionOf(audio) is not { } connection)
        {
            error = new SdpError(audio.Line, "There is no c= line.");
            return false;
        }

        var offered = audio.GetRtpMaps();
        var codec = CommonCodec(PeerAudio.MapsOf(offer, audio), options.Codecs)!;
        var direction = PeerAudio.DirectionOf(offer, audio, connection, Wanted);
        var section = Section(audio.Protocol, direction);
        // All that we both have, by the peer's numbers, the one that we send first (section 6.1).
        List<RtpMap> maps = [codec, .. offered.Where(map => map != codec && options.Codecs.Contains(map.Codec)), .. offered.Where(IsKeys)];
        AddCodecs(section, maps);
        if (audio.Attributes.Has("rtcp-mux"))
            section.Attributes.Add("rtcp-mux");
        if (crypto is not null)
            section.Attributes.Add("crypto", Crypto(crypto.Tag, crypto.Key.Profile).Format());
        var sections = new List<MediaDescription>();
        foreach (var media in offer.Media)
            sections.Add(media == audio ? section : Refused(media));
        Agreement = Agree(offer, audio, connection, codec, offered, maps, direction) with
        {
            LocalCrypto = crypto is null ? null : Crypto(crypto.Tag, crypto.Key.Profile),
            RemoteCrypto = crypto,
        };
        _sections = sections;
        _audioIndex = offer.Media.IndexOf(audio);
        answer = Describe(sections);
        return true;
    }

    private static bool IsKeys(RtpMap map) => map.Codec.Name.Equals(KeysName, StringComparison.OrdinalIgnoreCase);

    private static RtpMap? CommonCodec(IReadOnlyList<RtpMap> theirs, IReadOnlyList<RtpCodec> ours, bool theirOrder = false) => theirOrder
        ? theirs.FirstOrDefault(map => ours.Contains(map.Codec))
        : ours.Select(codec => theirs.FirstOrDefault(map => map.Codec.Equals(codec))).FirstOrDefault(map => map is not null);

    private static MediaDescription Refused(MediaDescription media) => new() { Kind = media.Kind, Port = 0, Protocol = media.Protocol, Formats = [.. media.Formats] };

    private static AudioAgreement Agree(
        SessionDescription theirs, MediaDescription audio, SdpConnection connection, RtpMap codec, IReadOnlyList<RtpMap> sends, IReadOnlyList<RtpMap> receives, MediaDirection direction)
    {
        // A number of its own for each clock; what has the codec's clock is meant (RFC 4733, section 2.1). Older phones have 8000 with anything.
        var keys = sends.FirstOrDefault(map => IsKeys(map) && map.Codec.ClockRate == codec.Codec.ClockRate) ?? sends.FirstOrDefault(map => IsKeys(map) && map.Codec.ClockRate == 8000);
        return new AudioAgreement
        {
            Host = connection.Address,
            Port = audio.Port,
            RtcpPort = PeerAudio.RtcpPortOf(theirs, audio),
            Codec = codec,
            Receives = [.. receives],
            Keys = keys,
            Direction = direction,
            PacketTime = PeerAudio.PacketTimeOf(theirs, audio),
        };
    }

    private SdesCrypto Crypto(int tag, SrtpProfile profile) => new(tag, options.CreateKey(profile));

    private MediaDescription Section(string protocol, MediaDirection direction)
    {
        var section = new MediaDescription { Kind = "audio", Port = options.Local.Port, Protocol = protocol };
        section.Attributes.Add(direction.Name());
        section.Attributes.Add("ptime", options.PacketTime.ToString(CultureInfo.InvariantCulture));
        return section;
    }

    private List<RtpMap> OfferedMaps()
    {
        // A number that has been used for a codec stays with it (section 8.3.2).
        var maps = new List<RtpMap>();
        var known = Agreement?.Receives ?? [];
        int next = FirstDynamic;
        foreach (var codec in options.Codecs)
            Add(known.FirstOrDefault(map => map.Codec.Equals(codec)) ?? Static(codec), codec);
        foreach (int rate in options.Codecs.Select(codec => codec.ClockRate).Distinct())
        {
            var keys = RtpCodec.TelephoneEvent(rate);
            Add(known.FirstOrDefault(map => map.Codec.Equals(keys)) ?? (rate == 8000 && IsFree(101) ? new RtpMap(new PayloadType(101), keys) : null), keys);
        }

        return maps;

        bool IsFree(int number) => known.All(map => map.PayloadType.Value != number) && maps.TrueForAll(map => map.PayloadType.Value != number);

        // What the peer's own numbers leave no place for is not offered.
        void Add(RtpMap? numbered, RtpCodec codec)
        {
            while (next <= PayloadType.Highest && (!IsFree(next) || next == 101))
                next++;
            if (numbered is not null || next <= PayloadType.Highest)
                maps.Add(numbered ?? new RtpMap(new PayloadType((byte)next), codec));
        }

        static RtpMap? Static(RtpCodec codec) =>
            new[] { PayloadType.Pcmu, PayloadType.Pcma, PayloadType.G722 }.Select(RtpMap.StaticOf).FirstOrDefault(map => map!.Codec.Equals(codec));
    }

    private static void AddCodecs(MediaDescription section, IEnumerable<RtpMap> maps)
    {
        foreach (var map in maps)
        {
            section.Formats.Add(map.PayloadType.ToString());
            section.Attributes.Add("rtpmap", map.ToString());
            if (IsKeys(map))
                section.Attributes.Add("fmtp", $"{map.PayloadType} 0-15");
            else if (map.Codec.Equals(RtpCodec.Opus))
                section.Attributes.Add("fmtp", $"{map.PayloadType} useinbandfec=1");
        }
    }

    /// <summary>The version goes up when something has changed, and only then (section 8).</summary>
    private SessionDescription Describe(List<MediaDescription> sections)
    {
        var connection = SdpConnection.From(options.Local.Address);
        var description = new SessionDescription { Origin = new SdpOrigin("-", options.SessionId, 0, connection), Connection = connection, Media = sections };
        string body = description.Format();
        if (body != _lastBody)
            _version++;
        _lastBody = body;
        return new SessionDescription { Origin = description.Origin with { Version = _version }, Connection = connection, Media = sections };
    }
}
