using System.Globalization;
using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>A user agent with an address on an emulated network.</summary>
internal sealed class Phone
{
    public Phone(string address, SipUserAgentOptions? options = null)
    {
        Address = IPEndPoint.Parse(address);
        Agent = new SipUserAgent(options ?? new SipUserAgentOptions(), Encoding.ASCII.GetBytes(address.PadRight(SipUserAgent.EntropyLength, 'x')));
    }

    public IPEndPoint Address { get; }

    public SipUserAgent Agent { get; }

    public List<SipEvent> Events { get; } = [];

    /// <summary>Done at once with each event.</summary>
    public Action<SipEvent, TimeSpan>? On { get; set; }

    public SipTransport Transport { get; init; } = SipTransport.Udp;

    public bool IsTrusted { get; init; } = true;

    public IEnumerable<string> Story => Events.Select(e => e.Status == 0 ? e.Kind.ToString() : string.Create(CultureInfo.InvariantCulture, $"{e.Kind} {e.Status}"));

    /// <summary>Picks up whoever calls.</summary>
    public void Answer() => On = (e, now) =>
    {
        if (e.Kind == SipEventKind.Incoming)
            Assert.True(e.Call!.Accept(Audio(), now));
    };

    /// <summary>Rings whoever calls.</summary>
    public void Ring() => On = (e, now) =>
    {
        if (e.Kind == SipEventKind.Incoming)
            e.Call!.Ring(now);
    };

    public SipPath PathTo(Phone peer) => new(Transport, Address, peer.Address, Transport == SipTransport.Udp ? 0 : 1, IsTrusted);

    public AudioNegotiation Audio(params RtpCodec[] codecs) => new(new AudioOptions
    {
        SessionId = 7,
        Local = new IPEndPoint(Address.Address, 4000),
        Codecs = codecs.Length > 0 ? codecs : [RtpCodec.Pcmu, RtpCodec.Pcma],
        KeyEntropy = new byte[30],
    });

    public SipCall Dial(Phone peer, TimeSpan now, Digest? login = null, IReadOnlyList<SipHeader>? headers = null) => Agent.Call(
        new SipCallRequest
        {
            To = $"sip:agent@{peer.Address}",
            From = $"sip:alice@{Address}",
            FromName = "Alice",
            Path = PathTo(peer),
            Media = Audio(),
            Credentials = login is null ? null : new VoiceCarnival.Protocols.Sip.Digest.SipCredentials(login.User, login.Password),
            Headers = headers ?? [],
        },
        now)!;

    public sealed record Digest(string User, string Password);
}
