using System.Net;
using Org.BouncyCastle.Tls;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>A handshake with ourselves, in memory, so that the code is compiled before the first call needs it.</summary>
internal static class DtlsRehearsal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs it; the client's half on this thread.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Run(DtlsIdentity identity, HandshakeThreads threads)
    {
        var terms = new DtlsTerms(identity, [identity.Fingerprint], NeedsSrtp: true, Patience);
        DtlsDatagrams? server = null;
        var client = new DtlsDatagrams(datagram => server!.Offer(datagram));
        server = new DtlsDatagrams(client.Offer);
        using var served = new ManualResetEventSlim();
        threads.Run(IPAddress.None, () =>
        {
            try
            {
                var side = new DtlsServerSide(terms);
                Exchange(new DtlsServerProtocol().Accept(side, server), server);
                side.Keys?.Dispose();
            }
            catch (IOException)
            {
                // The other half says so.
            }
            finally
            {
                served.Set();
            }
        });
        try
        {
            var side = new DtlsClientSide(terms);
            Exchange(new DtlsClientProtocol().Connect(side, client), client);
            side.Keys?.Dispose();
        }
        finally
        {
            client.Close();
            server.Close();
            served.Wait(Patience);
        }
    }

    private static void Exchange(DtlsTransport transport, DtlsDatagrams datagrams)
    {
        var link = new DtlsLink(transport, datagrams);
        datagrams.EndHandshake();
        link.Send("rehearsal"u8);
        link.TryTake(out _);
    }
}
