using System.Net;
using System.Security.Cryptography;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>One SIP call with its sockets and its present connection to the session. A phone call has one, and for a moment two when it is handed over.</summary>
internal sealed class SipLeg : IDisposable
{
    private readonly Ssrc _ssrc = new(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
    private readonly string _cname = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private SipLine? _line;
    private SipLineUse? _use;
    private AudioCallOptions? _audio;
    private bool _hasBegun;

    /// <summary>The call; set once it was made.</summary>
    public SipCall Call { get; set; } = null!;

    /// <summary>The ways that are left when this one fails.</summary>
    public Queue<SipWay> Ways { get; init; } = new();

    /// <summary>Headers to send along on each of them.</summary>
    public IReadOnlyList<SipHeader> Headers { get; set; } = [];

    /// <summary>Whose number is shown; null for that of the way.</summary>
    public string? From { get; init; }

    /// <summary>How often it was sent on to somebody else (3xx).</summary>
    public int Redirections { get; init; }

    /// <summary>It rang, or there was something to hear: another way would ring twice.</summary>
    public bool HasProgress { get; set; }

    /// <summary>What the session has for a caller; null before anything was agreed on.</summary>
    public RtpConnection? Connection { get; private set; }

    /// <summary>Opens the ports for a way there, and says what we offer or answer.</summary>
    /// <returns>Null when no port is free.</returns>
    public AudioNegotiation? Open(SipCalls calls, SrtpUse srtp, IPAddress? remote = null)
    {
        var peer = remote ?? Call.Path.Remote.Address;
        if (_line is null && calls.Ports.TryOpen(calls.Server!.OwnAddressFor(peer)) is { } sockets)
            _line = new SipLine(sockets.Rtp, sockets.Rtcp, peer);
        if (_line is null)
            return null;
        return new AudioNegotiation(new AudioOptions
        {
            SessionId = (ulong)RandomNumberGenerator.GetInt32(1, int.MaxValue),
            Local = new IPEndPoint(calls.Server!.LocalAddressFor(peer), _line.Port),
            Codecs = SipServer.Codecs,
            Srtp = srtp,
            KeyEntropy = RandomNumberGenerator.GetBytes(SrtpProfiles.KeyLength + 14),
        });
    }

    /// <summary>Opens the ports for a call that came: encrypted as its offer has it; where the offer is ours, only when it has to be.</summary>
    public AudioNegotiation? OpenToAnswer(SipCalls calls)
    {
        var use = calls.Options.Srtp.On(Call.Path.Transport);
        return Open(calls, Call.Offer is null && use != SrtpUse.Always ? SrtpUse.Never : use);
    }

    /// <summary>Takes an agreement without a session.</summary>
    public void Agree(AudioAgreement agreement) => _line?.Agree(agreement);

    /// <summary>Takes an agreement.</summary>
    /// <returns>A connection for the session when the former does not do any more.</returns>
    public RtpConnection? Apply(AudioAgreement agreement, VoiceSession session, PhoneCall call, SipCalls calls)
    {
        if (_line is not { } line)
            return null;
        line.Agree(agreement);
        var audio = OptionsOf(agreement);
        if (_audio is not null && IsSame(_audio, audio))
            return null;
        _audio = audio;
        _use?.GiveUp();
        _use = new SipLineUse(line, _ => call.HangUp(), call.OnFunctionCall);
        // Another source after a change: numbers and timestamps begin anew with it.
        return calls.Media.Connect(SipCalls.TransportId, session, Connection is null ? audio : audio with { Ssrc = new Ssrc(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4))) }, _use);
    }

    /// <summary>Another leg has the session now.</summary>
    public void GiveUp() => _use?.GiveUp();

    /// <summary>Packets come and go.</summary>
    public void Begin(RtpConnection connection)
    {
        Connection = connection;
        _line!.Connection = connection;
        connection.Begin();
        if (!_hasBegun)
            _line.Begin();
        _hasBegun = true;
    }

    /// <summary>Stops, and lets the session go when it is still this leg's.</summary>
    public Task CloseAsync(VoiceSession? session)
    {
        if (Connection is { } connection)
        {
            connection.Stop();
            session?.Detach(connection, SessionTermination.CallerClosed, mayResume: false);
        }

        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Closes the ports.</summary>
    public void Dispose() => _line?.Dispose();

    private AudioCallOptions OptionsOf(AudioAgreement agreement) => new()
    {
        Codec = AudioCodecs.Find(agreement.Codec.Codec.Name, agreement.Codec.Codec.ClockRate)!,
        PayloadType = agreement.Codec.PayloadType,
        AlsoReceived = agreement.Receives
            .Select(map => (map.PayloadType, Codec: AudioCodecs.Find(map.Codec.Name, map.Codec.ClockRate)))
            .Where(found => found.Codec is not null && found.PayloadType != agreement.Codec.PayloadType)
            .DistinctBy(found => found.PayloadType)
            .ToDictionary(found => found.PayloadType, found => found.Codec!),
        Keys = [.. agreement.Receives.Where(map => map.Codec.Name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase)).Select(map => map.PayloadType)],
        SentKeys = agreement.Keys is { } keys ? (keys.PayloadType, keys.Codec.ClockRate) : null,
        ComfortNoise = PayloadType.ComfortNoise,
        Ssrc = _ssrc,
        Cname = _cname,
    };

    private static bool IsSame(AudioCallOptions one, AudioCallOptions other) =>
        one.Codec == other.Codec && one.PayloadType == other.PayloadType && one.SentKeys == other.SentKeys && one.Keys.SequenceEqual(other.Keys)
        && one.AlsoReceived.Count == other.AlsoReceived.Count && one.AlsoReceived.All(pair => other.AlsoReceived.TryGetValue(pair.Key, out var codec) && codec == pair.Value);
}
