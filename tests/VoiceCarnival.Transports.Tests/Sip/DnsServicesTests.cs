using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

/// <summary>Services in the answers of name servers (RFC 2782), honest and not.</summary>
public sealed class DnsServicesTests
{
    private static readonly byte[] Question = [5, .. "_sips"u8, 4, .. "_tcp"u8, 3, .. "pbx"u8, 4, .. "test"u8, 0, 0, 33, 0, 1];

    [Fact]
    public void Query_AsksForTheService()
    {
        byte[] query = DnsServices.Query(DnsServices.NameOf("tls", "pbx.test"), out ushort id)!;

        Assert.Equal([(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Question], query);
        Assert.Equal("_sip._udp.pbx.test", DnsServices.NameOf("udp", "pbx.test"));
        Assert.Null(DnsServices.Query("a..b", out _));
        Assert.Null(DnsServices.Query(new string('a', 64) + ".test", out _));
        Assert.Null(DnsServices.Query(string.Join('.', Enumerable.Repeat("label", 60)), out _));
        Assert.Null(DnsServices.Query("bücher.test", out _));
    }

    [Fact]
    public void Services_AreInTheOrderOfTheirPriorityAndWeight()
    {
        byte[] answer = Answer(Service(20, 1, 5060, "later"), Service(10, 1, 5061, "lighter"), Service(10, 9, 5062, "heavier"));

        Assert.Equal([("heavier.pbx.test", 5062), ("lighter.pbx.test", 5061), ("later.pbx.test", 5060)], DnsServices.Read(answer, 7));
    }

    [Fact]
    public void RecordsOfOtherKinds_AreSkipped()
    {
        byte[] address = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1];

        Assert.Equal([("a.pbx.test", 5060)], DnsServices.Read(Answer(address, Service(1, 1, 5060, "a")), 7));
    }

    [Fact]
    public void NoSuchService_AnotherQuestionsAnswer_AndNoAnswerAtAll_AreNone()
    {
        byte[] answer = Answer(Service(1, 1, 5060, "a"));

        Assert.Empty(DnsServices.Read(answer, 8));
        Assert.Empty(DnsServices.Read([answer[0], answer[1], 0x01, .. answer[3..]], 7));
        Assert.Empty(DnsServices.Read([.. answer[..3], 0x83, .. answer[4..]], 7));
        Assert.Empty(DnsServices.Read(Answer(), 7));
    }

    [Fact]
    public void EveryTruncatedLength_IsSurvived_AndSaysNothingThatIsNotThere()
    {
        byte[] answer = Answer(Service(1, 1, 5060, "a"), Service(2, 1, 5061, "b"));
        for (int length = 0; length < answer.Length; length++)
            Assert.InRange(DnsServices.Read(answer.AsSpan(0, length), 7).Count, 0, 1);
    }

    [Fact]
    public void NamesThatPointInCircles_ArePutAside()
    {
        // The target's name is a pointer to itself.
        int at = 12 + Question.Length + 18;
        byte[] circle = [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 8, 0, 1, 0, 1, 0x13, 0xC4, (byte)(0xC0 | (at >> 8)), (byte)at];

        Assert.Empty(DnsServices.Read(Answer(circle), 7));
    }

    [Fact]
    public void RandomChanges_NeverThrow()
    {
        var random = new Random(20261128);
        byte[] answer = Answer(Service(1, 1, 5060, "a"), Service(2, 1, 5061, "b"));
        for (int i = 0; i < 50_000; i++)
        {
            byte[] changed = [.. answer];
            for (int n = random.Next(1, 6); n > 0; n--)
                changed[random.Next(2, changed.Length)] = (byte)random.Next(256);
            Assert.InRange(DnsServices.Read(changed, 7).Count, 0, 16);
        }
    }

    [Fact]
    public async Task ServerOfAFamilyThatThisMachineHasNot_GivesWayToTheNext()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var found = new DnsServices([new EndPointOfNoFamily(), (IPEndPoint)server.Client.LocalEndPoint!]).FindAsync("_sips._tcp.pbx.test", TestContext.Current.CancellationToken);
        var query = await server.ReceiveAsync(TestContext.Current.CancellationToken);
        byte[] answer = Answer(Service(1, 1, 5060, "a"));
        await server.SendAsync(new byte[] { query.Buffer[0], query.Buffer[1] }.Concat(answer[2..]).ToArray(), query.RemoteEndPoint, TestContext.Current.CancellationToken);

        Assert.Equal([("a.pbx.test", 5060)], await found);
    }

    private static byte[] Answer(params byte[][] records) => [0, 7, 0x81, 0x80, 0, 1, 0, (byte)records.Length, 0, 0, 0, 0, .. Question, .. records.SelectMany(record => record)];

    // The host's name goes on where that of the question has its domain.
    private static byte[] Service(int priority, int weight, int port, string host) =>
    [
        0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, (byte)(6 + 1 + host.Length + 2), 0, (byte)priority, 0, (byte)weight, (byte)(port >> 8), (byte)port,
        (byte)host.Length, .. Encoding.ASCII.GetBytes(host), 0xC0, 23,
    ];

    private sealed class EndPointOfNoFamily() : IPEndPoint(IPAddress.Loopback, 53)
    {
        public override AddressFamily AddressFamily => AddressFamily.Ecma;
    }
}
