using System.Net;
using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// The DTLS handshake with one peer: begun once, when the peer has proved where it is and speaks, or is to be spoken to; run on a thread of <see cref="HandshakeThreads"/>; over with a
/// line that is safe, or with a reason.
/// </summary>
/// <param name="services">What all peers share.</param>
/// <param name="isClient">We begin, since the peer's offer says <c>a=setup:passive</c>.</param>
/// <param name="datagrams">What carries it.</param>
internal sealed class PeerHandshake(PeerServices services, bool isClient, DtlsDatagrams datagrams)
{
    /// <summary>It has begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>We begin.</summary>
    public bool IsClient => isClient;

    /// <summary>Whether a datagram of the peer's is what a handshake begins with.</summary>
    public bool IsBegunBy(ReadOnlySpan<byte> datagram) => !isClient && DtlsRecords.BeginsHandshake(datagram);

    /// <summary>Begins, unless it has.</summary>
    /// <param name="offer">Names the peer's certificate, and says whether there is audio to be kept secret.</param>
    /// <param name="of">Where the peer is.</param>
    /// <param name="secured">Takes the safe line, and the keys for SRTP where those were agreed on; on the handshake's thread.</param>
    /// <param name="failed">Takes what went wrong; on the handshake's thread.</param>
    public void Begin(WebRtcOffer offer, IPAddress? of, Action<DtlsLink, SrtpKeyingMaterial?> secured, Action<string> failed)
    {
        if (HasBegun)
            return;
        HasBegun = true;
        services.Handshakes.Run(CallerAddress.ForLimits(of), () => Run(offer, secured, failed));
    }

    private void Run(WebRtcOffer offer, Action<DtlsLink, SrtpKeyingMaterial?> secured, Action<string> failed)
    {
        var began = services.Now;
        try
        {
            var terms = new DtlsTerms(services.Identity, offer.Fingerprints, offer.Audio is not null, TimeSpan.FromSeconds(services.Options.HandshakeSeconds));
            var (transport, keys) = isClient ? Connect(terms) : Accept(terms);
            services.Metrics.HandshakeEnded(services.Now - began, succeeded: true);
            secured(new DtlsLink(transport, datagrams), keys);
        }
        catch (Exception exception)
        {
            // Whatever a peer sends into a handshake must not reach beyond it.
            services.Metrics.HandshakeEnded(services.Now - began, succeeded: false);
            failed(exception is TlsFatalAlert alert ? AlertDescription.GetText(alert.AlertDescription) : exception.Message);
        }
    }

    private (DtlsTransport Transport, SrtpKeyingMaterial? Keys) Connect(DtlsTerms terms)
    {
        var side = new DtlsClientSide(terms);
        return (new DtlsClientProtocol().Connect(side, datagrams), side.Keys);
    }

    private (DtlsTransport Transport, SrtpKeyingMaterial? Keys) Accept(DtlsTerms terms)
    {
        var side = new DtlsServerSide(terms);
        return (new DtlsServerProtocol().Accept(side, datagrams), side.Keys);
    }
}
