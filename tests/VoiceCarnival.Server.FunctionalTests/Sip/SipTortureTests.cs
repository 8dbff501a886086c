using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Tests.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Hostile bytes over real sockets, while a call runs: they are answered as the RFC says or dropped, the server stays up, and the call never notices.</summary>
public sealed class SipTortureTests
{
    private const string Options = "OPTIONS sip:agent@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKNUMBER\r\nMax-Forwards: 70\r\nFrom: <sip:x@127.0.0.1>;tag=1\r\n"
        + "To: <sip:agent@127.0.0.1>\r\nCall-ID: NUMBER\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    private static readonly byte[] Ping = "\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task TortureMessages_InDatagrams_DisturbNoCall()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var hostile = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        hostile.Connect(IPAddress.Loopback, phones.Port);
        await phone.CallAsync();

        foreach (string name in TortureMessages.Names)
        {
            byte[] message = TortureMessages.Get(name);
            await hostile.SendAsync(message);
            for (int length = 1; length < message.Length; length += 97)
                await hostile.SendAsync(message.AsMemory(0, length));
        }

        foreach (byte[] junk in (byte[][])[[], [0], Ping, new byte[60_000], [.. Enumerable.Repeat((byte)'A', 60_000)]])
            await hostile.SendAsync(junk);

        await AssertUndisturbedAsync(phone);
    }

    [Fact]
    public async Task TortureMessages_OnAStreamEach_DisturbNoCall()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();

        foreach (string name in TortureMessages.Names)
        {
            using var stream = await StreamAsync(phones);
            await stream.GetStream().WriteAsync(TortureMessages.Get(name));
        }

        await AssertUndisturbedAsync(phone);
    }

    [Fact]
    public async Task MessagesInAnyPieces_AreEachAnsweredOnce()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var client = await StreamAsync(phones);
        var stream = client.GetStream();

        // One byte after the other, with an empty line before.
        foreach (byte next in Encoding.ASCII.GetBytes("\r\n" + Options.Replace("NUMBER", "a", StringComparison.Ordinal)))
            await stream.WriteAsync(new[] { next });
        Assert.Contains("Call-ID: a\r\n", await ReadAsync(stream, 1));
        // Two in one piece.
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Options.Replace("NUMBER", "b", StringComparison.Ordinal) + Options.Replace("NUMBER", "c", StringComparison.Ordinal)));
        string answers = await ReadAsync(stream, 2);
        Assert.Contains("Call-ID: b\r\n", answers);
        Assert.Contains("Call-ID: c\r\n", answers);
        // A keep-alive gets its answer (RFC 5626, section 4.4.1).
        await stream.WriteAsync(Ping);
        var pong = new byte[2];
        await stream.ReadExactlyAsync(pong);
        Assert.Equal("\r\n"u8.ToArray(), pong);
    }

    [Theory]
    [InlineData("Content-Length: 0\r\n", "")] // without any
    [InlineData("Content-Length: 0\r\n", "Content-Length: -5\r\n")]
    [InlineData("Content-Length: 0\r\n", "Content-Length: 0\r\nContent-Length: 10\r\n")]
    [InlineData("Content-Length: 0\r\n", "Content-Length: 99999999999\r\n")]
    [InlineData("Content-Length: 0\r\n", "Content-Length: 0x10\r\n")]
    public async Task StreamWhoseFramingIsInDoubt_IsClosed(string right, string wrong)
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var client = await StreamAsync(phones);
        var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(Options.Replace(right, wrong, StringComparison.Ordinal) + Options));

        string all = await ReadToEndAsync(stream);
        Assert.DoesNotContain("200 OK", all);
        if (all.Length > 0)
            Assert.StartsWith("SIP/2.0 400", all);
    }

    [Fact]
    public async Task HeadWithoutEnd_IsCutOff_AndHalfAMessageIsNothing()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        using (var endless = await StreamAsync(phones))
        {
            byte[] line = [.. "X-Long: "u8, .. Enumerable.Repeat((byte)'a', 4000), .. "\r\n"u8];
            await endless.GetStream().WriteAsync("OPTIONS sip:agent@127.0.0.1 SIP/2.0\r\n"u8.ToArray());
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                for (int sent = 0; sent < 10_000_000; sent += line.Length)
                    await endless.GetStream().WriteAsync(line);
            });
        }

        using (var half = await StreamAsync(phones))
            await half.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Options).AsMemory(0, 80));
        await AssertUndisturbedAsync(phone);
    }

    [Fact]
    public async Task IdleConnections_AreBounded_AndOthersAreServed()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        var idle = new List<TcpClient>();
        for (int i = 0; i < 200; i++)
            idle.Add(await StreamAsync(phones));

        // Those over the bound are closed.
        int closed = 0;
        foreach (var client in idle.TakeLast(50))
            closed += await ReadToEndAsync(client.GetStream()) == "" ? 1 : 0;
        Assert.Equal(50, closed);
        await idle[0].GetStream().WriteAsync(Encoding.ASCII.GetBytes(Options));
        Assert.StartsWith("SIP/2.0 200", await ReadAsync(idle[0].GetStream(), 1));
        idle.ForEach(client => client.Dispose());
        await AssertUndisturbedAsync(phone);
    }

    [Fact]
    public async Task StrangersOnAStream_AreHeardAsOftenAsInDatagrams()
    {
        await using var phones = await PhoneGateway.OpenAsync(null, ("Accounts:0:User", "desk"), ("Accounts:0:Password", "secret"), ("MaxMessagesPerSecondPerAddress", "10"));
        using var client = await StreamAsync(phones);
        var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Options, 400))));
        client.Client.Shutdown(SocketShutdown.Send);

        string answers = await ReadToEndAsync(stream);
        Assert.InRange(answers.Split("SIP/2.0 200").Length - 1, 10, 100); // by however many seconds it took
    }

    // The call goes on, packet after packet, and can still be ended.
    private static async Task AssertUndisturbedAsync(SipPhone phone)
    {
        await phone.ReceiveAudioAsync();
        phone.Forget();
        for (int i = 0; i < 10; i++)
            await phone.ReceiveAudioAsync();
        await phone.SendAsync("OPTIONS", 5);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
        await phone.SendAsync("BYE", 6);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
    }

    private static async Task<TcpClient> StreamAsync(PhoneGateway phones)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, phones.Port);
        return client;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, int messages)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        var all = new StringBuilder();
        while (all.ToString().Split("\r\n\r\n").Length <= messages)
        {
            int count = await stream.ReadAsync(buffer, deadline.Token);
            Assert.True(count > 0, $"Closed after: {all}");
            all.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return all.ToString();
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        var all = new StringBuilder();
        try
        {
            while (await stream.ReadAsync(buffer, deadline.Token) is var count and > 0)
                all.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // Reset.
        }

        return all.ToString();
    }
}
