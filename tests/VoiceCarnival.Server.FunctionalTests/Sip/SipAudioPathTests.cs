using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Where audio goes: to where the peer says, or else to where its own comes from, and to nobody who asks for it by a packet.</summary>
public sealed class SipAudioPathTests
{
    [Fact]
    public async Task PhoneBehindATranslator_IsAnsweredWhereItsAudioComesFrom_AndNobodyElseGetsIt()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var outside = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var thief = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();

        // What is no audio of the call moves nothing.
        foreach (byte[] packet in (byte[][])[[1, 2, 3], Packet(1, type: 18), [0x40, 0, .. Packet(1)[2..]]])
            thief.Send(packet, phone.AudioTarget);
        for (ushort i = 1; i <= 3; i++)
            outside.Send(Packet(i), phone.AudioTarget);
        await phone.ReceiveAudioAsync(outside);
        for (ushort i = 4; i < 10; i++)
        {
            thief.Send(Packet(i, ssrc: 9), phone.AudioTarget);
            outside.Send(Packet(i), phone.AudioTarget);
            await phone.ReceiveAudioAsync(outside);
        }

        Assert.Equal(0, thief.Available);
    }

    [Fact]
    public async Task WhoSendsBeforeThePhone_LosesTheAudio_AtThePhonesFirstPacket()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var thief = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await phone.CallAsync();
        for (ushort i = 1; i <= 5; i++)
            thief.Send(Packet(i, ssrc: 9), phone.AudioTarget);
        await phone.ReceiveAudioAsync(thief);
        phone.Forget();

        phone.SendAudio(Packet(1));

        for (ushort i = 6; i <= 20; i++)
        {
            thief.Send(Packet(i, ssrc: 9), phone.AudioTarget);
            await phone.ReceiveAudioAsync();
        }
    }

    [Fact]
    public async Task ServerOnAllAddresses_AnswersAndSpeaksFromTheOneThatWasCalled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have one loopback address only.");
        await using var phones = await PhoneGateway.OpenAsync(null, ("Address", "0.0.0.0"), ("Peers:0", "127.0.0.0/8"));
        using var first = new SipPhone(phones.Port);
        using var second = new SipPhone(phones.Port, address: IPAddress.Parse("127.0.0.7"), server: IPAddress.Parse("127.0.0.5"));

        var ok = await second.CallAsync();

        Assert.Equal($"<sip:agent@127.0.0.5:{phones.Port}>", ok.GetText(SipHeaderName.Contact));
        Assert.Contains("c=IN IP4 127.0.0.5\r\n", Encoding.UTF8.GetString(ok.Body.Span));
        await second.ReceiveAudioAsync();
        await first.CallAsync();
        await first.ReceiveAudioAsync();
    }

    [Fact]
    public async Task ServerOnAllAddressesOfBothFamilies_SpeaksThePhonesOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "Other systems have one loopback address only.");
        await using var phones = await PhoneGateway.OpenAsync(null, ("Address", "::"), ("Peers:0", "127.0.0.0/8"), ("Peers:1", "::1"), ("PublicAddress", "2001:db8::5"), ("MaxCallsPerAddress", "1"));
        using var four = new SipPhone(phones.Port, address: IPAddress.Parse("127.0.0.7"), server: IPAddress.Parse("127.0.0.5"));
        using var six = new SipPhone(phones.Port, address: IPAddress.IPv6Loopback, server: IPAddress.IPv6Loopback);

        var ok = await four.CallAsync();

        // Answered and heard from the address that was called; the public one is of the other family, and nothing says "::ffff:".
        Assert.Equal($"<sip:agent@127.0.0.5:{phones.Port}>", ok.GetText(SipHeaderName.Contact));
        Assert.Contains("received=127.0.0.7", ok.GetText(SipHeaderName.Via));
        Assert.Contains("c=IN IP4 127.0.0.5\r\n", Encoding.UTF8.GetString(ok.Body.Span));
        await four.ReceiveAudioAsync();
        // By the same address there may be no other call, while those of other addresses count for themselves.
        using var another = new SipPhone(phones.Port, address: IPAddress.Parse("127.0.0.7"), server: IPAddress.Parse("127.0.0.5"));
        Assert.Equal(503, (await another.CallAsync()).Status);

        ok = await six.CallAsync();

        Assert.Equal($"<sip:agent@[2001:db8::5]:{phones.Port}>", ok.GetText(SipHeaderName.Contact));
        Assert.Contains("c=IN IP6 2001:db8::5\r\n", Encoding.UTF8.GetString(ok.Body.Span));
        await six.ReceiveAudioAsync();
        foreach (var phone in (SipPhone[])[four, six])
        {
            await phone.SendAsync("BYE", 2);
            Assert.Equal(200, (await phone.ReceiveAsync()).Status);
        }

        // By TCP as well.
        foreach (var (address, host) in ((IPAddress, string)[])[(IPAddress.Loopback, "127.0.0.1"), (IPAddress.IPv6Loopback, "[::1]")])
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address, phones.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"OPTIONS sip:agent@{host} SIP/2.0\r\nVia: SIP/2.0/TCP h.invalid:9;branch=z9hG4bKo\r\nMax-Forwards: 70\r\n"
                + $"From: <sip:p@{host}>;tag=p\r\nTo: <sip:agent@{host}>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"));
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            Assert.Equal("SIP/2.0 200 OK", await reader.ReadLineAsync());
            Assert.Contains($";received={address}", await reader.ReadLineAsync());
        }
    }

    [Fact]
    public async Task PhoneOnAnotherAddressOfThisMachine_CallsWithoutASetting()
    {
        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "This machine has no other address.");
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port, address: own);

        Assert.Equal(200, (await phone.CallAsync()).Status);

        phone.SendAudio(Packet(1));
        await phone.ReceiveAudioAsync();
        await phone.SendAsync("BYE", 2);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task NewAgreement_MovesTheAudio_FromWhereverItWent()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var outside = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var next = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await phone.CallAsync();
        for (ushort i = 1; i <= 3; i++)
            outside.Send(Packet(i), phone.AudioTarget);
        await phone.ReceiveAudioAsync(outside);

        await phone.ReinviteAsync(2, phone.Sdp(port: ((IPEndPoint)next.Client.LocalEndPoint!).Port, version: 2));

        await phone.ReceiveAudioAsync(next);
    }

    [Fact]
    public async Task Reports_GoToTheNextPort_OrToTheSameWhereThatWasAgreed()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        foreach (bool isMuxed in (bool[])[false, true])
        {
            using var phone = new SipPhone(phones.Port);
            using var reports = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            string more = isMuxed ? "a=rtcp-mux\r\n" : $"a=rtcp:{((IPEndPoint)reports.Client.LocalEndPoint!).Port}\r\n";
            var ok = await phone.CallAsync(phone.Sdp(more: more));
            Assert.Equal(isMuxed, System.Text.Encoding.ASCII.GetString(ok.Body.Span).Contains("a=rtcp-mux", StringComparison.Ordinal));

            byte[] report;
            do
            {
                report = await phone.ReceiveAudioAsync(isMuxed ? null : reports);
            }
            while (report[1] is < 192 or > 223);

            Assert.Equal(200, report[1]); // a sender's
            await phone.SendAsync("BYE", 2);
            await phone.ReceiveAsync();
        }
    }

    private static byte[] Packet(ushort sequence, byte type = 0, byte ssrc = 1) => [0x80, type, (byte)(sequence >> 8), (byte)sequence, 0, 0, 0, 0, 0, 0, 0, ssrc, .. Enumerable.Repeat((byte)0xFF, 160)];

    [Fact]
    public async Task PhoneThatNamesItsAddress_IsSentAudioWhereItCallsFrom()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);

        await phone.CallAsync(phone.Sdp().Replace("c=IN IP4 127.0.0.1", "c=IN IP4 phone.example.com", StringComparison.Ordinal));

        await phone.ReceiveAudioAsync();
    }

    [Theory]
    [InlineData("c=IN IP4 127.0.0.1", 65_535)]
    [InlineData("c=IN IP4 0.0.0.0", null)]
    [InlineData("c=IN IP4 224.0.0.1", null)]
    public async Task AddressThatCannotBeSentTo_CostsTheAudioOnly(string line, int? port)
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);

        Assert.Equal(200, (await phone.CallAsync(phone.Sdp(port: port).Replace("c=IN IP4 127.0.0.1", line, StringComparison.Ordinal))).Status);

        Assert.Equal("answered", (await phones.UntilAsync("answered")).GetProperty("state").GetString());
        Assert.False(await phone.HearsAsync(TimeSpan.FromMilliseconds(300)));
        await phone.SendAsync("OPTIONS", 2);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());
        await phone.SendAsync("BYE", 3);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task AddressThatPeersReachUsAt_StandsWhereverTheyReadIt()
    {
        const string address = "203.0.113.5";
        await using var phones = await PhoneGateway.OpenAsync(null, ("PublicAddress", address));
        using var phone = new SipPhone(phones.Port);

        var ok = await phone.CallAsync();

        Assert.Contains($"@{address}:{phones.Port}>", ok.GetText(SipHeaderName.Contact));
        string sdp = Encoding.UTF8.GetString(ok.Body.Span);
        Assert.Contains($"c=IN IP4 {address}\r\n", sdp);
        Assert.Contains($" IN IP4 {address}\r\n", sdp.Split("s=")[0]);
        await phone.ReceiveAudioAsync();
        string id = (await phones.UntilAsync("answered")).GetProperty("id").GetString()!;
        await phones.Gateway.Client.DeleteAsync($"/api/sip/calls/{id}");
        Assert.StartsWith($"SIP/2.0/UDP {address}:{phones.Port};", (await phone.RequestAsync(SipMethod.Bye)).GetText(SipHeaderName.Via));
    }
}
