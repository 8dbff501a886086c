using System.ComponentModel.DataAnnotations;
using System.Net;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Phones and PBXs that call this server, <c>VoiceCarnival:Sip</c>.</summary>
public sealed class SipOptions
{
    /// <summary>
    /// Calls are taken. When nothing is said they are where only this machine can call: on a loopback <see cref="Address"/>, unless callers need keys; and a port that is taken
    /// gives way to a free one.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>
    /// Address to listen on; <c>0.0.0.0</c> for all of IPv4, <c>::</c> for all of both IPv4 and IPv6. On another one than a loopback address, <see cref="Peers"/> or <see cref="Accounts"/> are wanted: an open SIP port is found within minutes.
    /// </summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Port for UDP and TCP; 0 for any free one.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; } = 5060;

    /// <summary>Port for TLS; taken when there is a <see cref="Certificate"/>.</summary>
    [Range(0, 65_535)]
    public int TlsPort { get; set; } = 5061;

    /// <summary>File with certificate and key for TLS: PKCS #12, or PEM with both. None: no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>A certificate of our own making for TLS when there is no <see cref="Certificate"/>: for development, since nobody can check it.</summary>
    public bool SelfSigned { get; set; }

    /// <summary>File with certificates (PEM) of authorities whose word is taken for trunks over TLS, beside those of this machine.</summary>
    public string? Authorities { get; set; }

    /// <summary>Password of the certificate file.</summary>
    public Secret CertificatePassword { get; set; } = Secret.None;

    /// <summary>IP address that peers of its family reach us at, when it is not the one we listen on.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>Addresses or networks (<c>192.0.2.0/24</c>) of the operator's trunks and PBXs: they call without a password, and what they say of callers is believed.</summary>
    public List<string> Peers { get; set; } = [];

    /// <summary>Who may call from anywhere, by digest authentication.</summary>
    public List<SipAccount> Accounts { get; set; } = [];

    /// <summary>Whose accounts these are, as phones are told.</summary>
    [Required]
    public string Realm { get; set; } = "voicecarnival";

    /// <summary>Calls at a time.</summary>
    [Range(1, 100_000)]
    public int MaxCalls { get; set; } = 200;

    /// <summary>Calls at a time from one address.</summary>
    [Range(1, 100_000)]
    public int MaxCallsPerAddress { get; set; } = 200;

    /// <summary>New calls in a second.</summary>
    [Range(1, 100_000)]
    public int MaxCallsPerSecond { get; set; } = 100;

    /// <summary>New calls in a second from one address.</summary>
    [Range(1, 100_000)]
    public int MaxCallsPerSecondPerAddress { get; set; } = 100;

    /// <summary>Datagrams of strangers that are read in a second, where <see cref="Accounts"/> lets them call, and as many of those whom we call; what is beyond is dropped unread.</summary>
    [Range(1, 1_000_000)]
    public int MaxMessagesPerSecond { get; set; } = 2000;

    /// <summary>The same of one address.</summary>
    [Range(1, 1_000_000)]
    public int MaxMessagesPerSecondPerAddress { get; set; } = 200;

    /// <summary>First UDP port for audio; each call takes an even one and the one behind it.</summary>
    [Range(1024, 65_534)]
    public int FirstMediaPort { get; set; } = 20_000;

    /// <summary>Last UDP port for audio.</summary>
    [Range(1025, 65_535)]
    public int LastMediaPort { get; set; } = 29_999;

    /// <summary>The agent speaks first, unless <see cref="SipAgentOptions.Greets"/> says otherwise.</summary>
    public bool Greets { get; set; } = true;

    /// <summary>Who answers which number; nobody listed: one agent answers all.</summary>
    public List<SipAgentOptions> Agents { get; set; } = [];

    /// <summary>Whether audio is encrypted with keys in the SDP (RFC 4568), in calls to us.</summary>
    public SrtpUse Srtp { get; set; } = SrtpUse.WhenOffered;

    /// <summary>Peers may ask us to call somebody else (REFER) among <see cref="Destinations"/>; the agent goes along.</summary>
    public bool TakesTransfers { get; set; }

    /// <summary>Whom we call, over the API or on behalf of an agent: numbers and addresses, with <c>*</c> and <c>?</c>. None: nobody.</summary>
    public List<string> Destinations { get; set; } = [];

    /// <summary>Whether calls of ours go on to where they are sent on to (3xx), if that is one of <see cref="Destinations"/>; else that is their end.</summary>
    public bool FollowsRedirections { get; set; }

    /// <summary>Where calls of ours go, and where we register.</summary>
    public List<SipTrunkOptions> Trunks { get; set; } = [];

    /// <summary>Name servers that are asked for the services (SRV) of names among <see cref="SipTrunkOptions.Hosts"/> and of addresses that are called: IP addresses, with a port or without. None: this machine's.</summary>
    public List<string> NameServers { get; set; } = [];

    /// <summary>Calls that are put to an application as OpenAI puts them.</summary>
    public SipHostedOptions Hosted { get; set; } = new();

    internal bool IsWanted(AccessOptions access) => Enabled
        ?? (IPAddress.TryParse(Address, out var address) && IPAddress.IsLoopback(address) && access.Authentication != AuthenticationMode.Required);
}
