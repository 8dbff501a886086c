using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>
/// A browser's offer, checked: one audio section, one data channel section, both over one bundled transport (RFC 8829, RFC 8843). Other sections are there to be
/// refused.
/// </summary>
public sealed class WebRtcOffer
{
    internal const string DataChannel = "webrtc-datachannel";

    /// <summary>
    /// What data channels are offered over by peers from before RFC 8841, and by aiortc to this day: the SCTP port is the format, <c>a=sctpmap</c> tells what it is for
    /// (draft-ietf-mmusic-sctp-sdp-05). They are answered in the same way.
    /// </summary>
    internal const string OlderProtocol = "DTLS/SCTP";

    private const int DefaultMaxMessageSize = 65_536;

    private WebRtcOffer(SessionDescription description, IceCredentials ice, IReadOnlyList<DtlsFingerprint> fingerprints, SetupRole setup)
    {
        Description = description;
        Ice = ice;
        Fingerprints = fingerprints;
        Setup = setup;
    }

    /// <summary>The whole of it.</summary>
    public SessionDescription Description { get; }

    /// <summary>The peer's credentials.</summary>
    public IceCredentials Ice { get; }

    /// <summary>Of which one must be that of the peer's certificate.</summary>
    public IReadOnlyList<DtlsFingerprint> Fingerprints { get; }

    /// <summary>Who may begin the DTLS handshake.</summary>
    public SetupRole Setup { get; }

    /// <summary>The audio section that is taken; null when there is none.</summary>
    public MediaDescription? Audio { get; private init; }

    /// <summary>The data channel section that is taken; null when there is none.</summary>
    public MediaDescription? Data { get; private init; }

    /// <summary>The peer's SCTP port (RFC 8841, section 5).</summary>
    public int SctpPort { get; private init; }

    /// <summary>The longest message that the peer takes, in bytes; 0 when it sets no limit (RFC 8841, section 6).</summary>
    public long MaxMessageSize { get; private init; }

    /// <summary>Checks an offer.</summary>
    /// <returns>Whether it can be answered; if not, <paramref name="error"/> names the line that is wrong, or the section that lacks something.</returns>
    public static bool TryRead(SessionDescription description, [NotNullWhen(true)] out WebRtcOffer? offer, [NotNullWhen(false)] out SdpError? error)
    {
        offer = null;
        // 1. The sections we take: the first audio and the first data channel, which share a transport.
        var audio = description.Media.Find(media => media.Kind == "audio" && !media.IsRejected);
        var data = description.Media.Find(IsDataChannel);
        if ((audio ?? data) is not { } carrier)
        {
            error = new SdpError(0, "The offer has neither an audio section nor a data channel section.");
            return false;
        }

        // 2. Each by itself.
        int sctpPort = 0;
        long maxMessageSize = DefaultMaxMessageSize;
        error = CheckNames(description) ?? CheckBundle(description, audio, data) ?? (audio is null ? null : CheckAudio(audio)) ?? (data is null ? null : CheckData(data, out sctpPort, out maxMessageSize));
        if (error is not null)
            return false;

        // 3. The transport: what the bundle's first section says holds for all (RFC 8843, section 7.1.3).
        carrier = FirstInBundle(description, audio, data) ?? carrier;
        if (!TryReadTransport(description, carrier, out var ice, out var fingerprints, out var setup, out error))
            return false;
        offer = new WebRtcOffer(description, ice, fingerprints, setup) { Audio = audio, Data = data, SctpPort = sctpPort, MaxMessageSize = maxMessageSize };
        return true;
    }

    private static bool IsDataChannel(MediaDescription media) => media.Kind == "application" && !media.IsRejected && media.Protocol switch
    {
        "UDP/DTLS/SCTP" or "TCP/DTLS/SCTP" => media.Formats.Contains(DataChannel),
        OlderProtocol => media.Formats.Count == 1 && media.Attributes["sctpmap"]?.Value?.Contains(DataChannel, StringComparison.Ordinal) == true,
        _ => false,
    };

    // To leave the data channel out would be an answer, too (RFC 8843, section 7.3.3), of a call in which nothing could be told.
    private static SdpError? CheckBundle(SessionDescription description, MediaDescription? audio, MediaDescription? data)
    {
        if (audio is null || data is null || (audio.Mid is { } one && data.Mid is { } other && Bundle(description) is { } mids && mids.Contains(one) && mids.Contains(other)))
            return null;
        return new SdpError(data.Line, "Audio and data channel go over one transport: name both sections in one a=group:BUNDLE line.");
    }

    private static string[]? Bundle(SessionDescription description) => description.Attributes.All("group")
        .Select(group => group.Value?.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(words => words is ["BUNDLE", ..])?[1..];

    private static MediaDescription? FirstInBundle(SessionDescription description, params ReadOnlySpan<MediaDescription?> taken)
    {
        foreach (string mid in Bundle(description) ?? [])
        {
            foreach (var media in taken)
            {
                if (media?.Mid == mid)
                    return media;
            }
        }

        return null;
    }

    // RFC 8843, section 7.1, and RFC 5888, section 4: each section has a name of its own, which is one word.
    private static SdpError? CheckNames(SessionDescription description)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var media in description.Media)
        {
            if (media.Attributes["mid"] is { } line && (string.IsNullOrEmpty(line.Value) || line.Value.Contains(' ', StringComparison.Ordinal) || !names.Add(line.Value)))
                return new SdpError(line.Line, "a=mid is one word, another for each section.");
        }

        return null;
    }

    private static SdpError? CheckAudio(MediaDescription audio)
    {
        if (audio.Protocol is not ("UDP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP" or "TCP/TLS/RTP/SAVPF" or "TCP/DTLS/RTP/SAVPF"))
            return new SdpError(audio.Line, $"Audio is taken over UDP/TLS/RTP/SAVPF (DTLS-SRTP), not over {audio.Protocol}.");
        return audio.Attributes.Has("rtcp-mux") ? null : new SdpError(audio.Line, "The audio section lacks a=rtcp-mux.");
    }

    private static SdpError? CheckData(MediaDescription data, out int port, out long maxMessageSize)
    {
        maxMessageSize = DefaultMaxMessageSize;
        var line = data.Attributes["sctp-port"];
        bool isOlder = data.Protocol == OlderProtocol;
        if (!int.TryParse(isOlder ? data.Formats[0] : line?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > ushort.MaxValue)
        {
            return isOlder ? new SdpError(data.Line, $"The format of {OlderProtocol} is the SCTP port, a number from 1 to 65535.")
                : line is null ? new SdpError(data.Line, "The data channel section lacks a=sctp-port.")
                : new SdpError(line.Line, "a=sctp-port is a number from 1 to 65535.");
        }

        if (data.Attributes["max-message-size"] is { } size && !long.TryParse(size.Value, NumberStyles.None, CultureInfo.InvariantCulture, out maxMessageSize))
            return new SdpError(size.Line, "a=max-message-size is a number of bytes.");
        return null;
    }

    private static bool TryReadTransport(
        SessionDescription description, MediaDescription carrier, [NotNullWhen(true)] out IceCredentials? ice, out IReadOnlyList<DtlsFingerprint> fingerprints,
        out SetupRole setup, [NotNullWhen(false)] out SdpError? error)
    {
        ice = null;
        fingerprints = [];
        setup = default;
        error = null;
        var ufrag = description.Find(carrier, "ice-ufrag");
        var password = description.Find(carrier, "ice-pwd");
        var setupLine = description.Find(carrier, "setup");
        // Firefox has the fingerprint at session level only.
        var prints = carrier.Attributes.All("fingerprint").ToList();
        if (prints.Count == 0)
            prints = [.. description.Attributes.All("fingerprint")];
        if (ufrag is null || password is null)
            error = Lacks(carrier, ufrag is null ? "ice-ufrag" : "ice-pwd");
        else if (!IceCredentials.TryCreate(ufrag.Value ?? "", password.Value ?? "", out ice))
        {
            error = IceCredentials.IsUfrag(ufrag.Value ?? "")
                ? new SdpError(password.Line, "a=ice-pwd has 22 to 256 letters, digits, + or /.")
                : new SdpError(ufrag.Line, "a=ice-ufrag has 4 to 256 letters, digits, + or /.");
        }
        else if (prints.Count == 0)
            error = Lacks(carrier, "fingerprint");
        else if (setupLine is null)
            error = Lacks(carrier, "setup");

        if (error is null)
        {
            var taken = new List<DtlsFingerprint>();
            foreach (var print in prints.Take(8))
            {
                if (DtlsFingerprint.TryParse(print.Value, out var fingerprint))
                    taken.Add(fingerprint);
            }

            fingerprints = taken;
            if (taken.Count == 0)
                error = new SdpError(prints[0].Line, "a=fingerprint is sha-256, sha-384 or sha-512 and the hash in hexadecimal pairs with colons between them.");
        }

        if (error is null)
        {
            SetupRole? role = setupLine!.Value switch { "actpass" => SetupRole.ActPass, "active" => SetupRole.Active, "passive" => SetupRole.Passive, _ => null };
            setup = role ?? default;
            if (role is null)
                error = new SdpError(setupLine.Line, "a=setup of an offer is actpass, active or passive.");
        }

        return error is null;
    }

    private static SdpError Lacks(MediaDescription media, string name) => new(media.Line, $"The {media.Kind} section lacks a={name}, and so does the session.");
}
