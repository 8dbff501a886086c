using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>A peer's half of a DTLS handshake, in the role that its offer says.</summary>
internal sealed class RtcHandshake(DtlsIdentity identity, RtcPeerOptions options, RtcEndpoint.DatagramSender send)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly DtlsDatagrams _datagrams = new(datagram => send(datagram));

    /// <summary>A datagram came.</summary>
    public void Offer(ReadOnlySpan<byte> datagram) => _datagrams.Offer(datagram);

    /// <summary>Nobody waits any more.</summary>
    public void Close() => _datagrams.Close();

    /// <summary>Runs it on this thread.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public (DtlsLink Link, SrtpKeyingMaterial? Keys, bool IsClient) Run(DtlsFingerprint server)
    {
        bool isClient = options.Setup != "passive";
        var terms = new DtlsTerms(identity, [server], NeedsSrtp: options.HasAudio, Patience);
        IDtlsSide side;
        DtlsTransport transport;
        if (isClient)
        {
            var client = new DtlsClientSide(terms);
            side = client;
            transport = new DtlsClientProtocol().Connect(client, _datagrams);
        }
        else
        {
            var asServer = new DtlsServerSide(terms);
            side = asServer;
            transport = new DtlsServerProtocol().Accept(asServer, _datagrams);
        }

        var link = new DtlsLink(transport, _datagrams);
        _datagrams.EndHandshake();
        return (link, side.Keys, isClient);
    }
}
