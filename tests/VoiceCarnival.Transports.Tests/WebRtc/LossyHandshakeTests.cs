using Org.BouncyCastle.Tls;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>DTLS handshakes between two of our own over lines that lose datagrams. The library's timers are real ones.</summary>
public sealed class LossyHandshakeTests
{
    private const byte ChangeCipherSpec = 20;
    private const byte Handshake = 22;
    private const byte CertificateVerify = 15;
    private static readonly DtlsIdentity Identity = new(TimeProvider.System);
    private static readonly DtlsTerms Terms = new(Identity, [Identity.Fingerprint], NeedsSrtp: true, TimeSpan.FromSeconds(60));

    /// <summary>Decides whether a datagram is lost.</summary>
    private delegate bool Loss(ReadOnlySpan<byte> datagram);

    [Fact]
    public async Task LinesThatLoseAQuarter_HoldNobodyUpForEver()
    {
        await Task.WhenAll(Enumerable.Range(0, 24).Select(seed =>
        {
            var random = new Random(seed);
            bool IsLost(ReadOnlySpan<byte> datagram)
            {
                lock (random)
                    return random.NextDouble() < 0.25;
            }

            return ConnectAsync(IsLost, IsLost);
        }));
    }

    /// <summary>From then on the server would read nothing that is not encrypted, and wait for the message for ever.</summary>
    [Fact]
    public async Task MessageThatIsLost_WhereTheChangeOfKeysBehindItIsNot_ComesAgain()
    {
        int lost = 0;
        await ConnectAsync(datagram => datagram[0] == Handshake && datagram[13] == CertificateVerify && lost++ == 0, _ => false);
        Assert.True(lost > 1, "it never came again");
    }

    [Fact]
    public async Task ServersLastWord_IsSaidAgain_EachTimeTheClientRepeatsItsOwn()
    {
        int lost = 0, lostOfClient = 0;
        // Of the client's flights only the Finished gets through, as on a bad line: the library waits for the whole of it.
        await ConnectAsync(datagram => lost > 0 && datagram[4] == 0 && lostOfClient++ < 1000, datagram => IsLastWord(datagram) && lost++ < 4);
        Assert.True(lost > 4, "it was not lost");
        Assert.True(lostOfClient > 0, "the client did not repeat itself");

        static bool IsLastWord(ReadOnlySpan<byte> datagram) => datagram[0] == ChangeCipherSpec || datagram[4] != 0;
    }

    private static async Task ConnectAsync(Loss toServer, Loss toClient)
    {
        DtlsDatagrams? client = null, server = null;
        client = new DtlsDatagrams(datagram => Carry(datagram, toServer, server!));
        server = new DtlsDatagrams(datagram => Carry(datagram, toClient, client));
        var accepting = Task.Factory.StartNew(() => Accept(server), TaskCreationOptions.LongRunning);
        var connecting = Task.Factory.StartNew(() => new DtlsClientProtocol().Connect(new DtlsClientSide(Terms), client), TaskCreationOptions.LongRunning);
        try
        {
            var link = await accepting;
            // As the driver does with whatever comes.
            while (await Task.WhenAny(connecting, Task.Delay(5)) != connecting)
                Assert.False(link.TryTake(out _));
            await connecting;
        }
        finally
        {
            client.Close();
            server.Close();
        }
    }

    private static DtlsLink Accept(DtlsDatagrams datagrams)
    {
        var side = new DtlsServerSide(Terms);
        var link = new DtlsLink(new DtlsServerProtocol().Accept(side, datagrams), datagrams);
        datagrams.EndHandshake();
        side.Keys!.Dispose();
        return link;
    }

    private static void Carry(ReadOnlySpan<byte> datagram, Loss loss, DtlsDatagrams to)
    {
        if (!loss(datagram))
            to.Offer(datagram);
    }
}
