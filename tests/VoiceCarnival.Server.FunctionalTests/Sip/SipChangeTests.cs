using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Calls that change while they run.</summary>
public sealed class SipChangeTests
{
    [Fact]
    public async Task AnotherCodecAndPort_AreGoneOnWith_InTheSameSession()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await phone.CallAsync();
        Assert.Equal(0, (await phone.ReceiveAudioAsync())[1] & 0x7F);
        var before = await phones.CallAsync();

        await phone.ReinviteAsync(2, phone.Sdp("8", port: ((IPEndPoint)other.Client.LocalEndPoint!).Port, version: 2));

        Assert.Equal(8, (await phone.ReceiveAudioAsync(other))[1] & 0x7F);
        var after = await phones.CallAsync();
        Assert.Equal(before.GetProperty("session_id").GetString(), after.GetProperty("session_id").GetString());
        Assert.Equal("answered", after.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Hold_StopsOurAudio_UntilItIsTakenBack()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();

        await phone.ReinviteAsync(2, phone.Sdp(more: "a=sendonly\r\n", version: 2));
        for (int i = 0; i < 20; i++)
        {
            // What was under way when it was agreed on.
            phone.Forget();
            await Task.Yield();
        }

        Assert.False(await phone.HearsAsync(TimeSpan.FromMilliseconds(400)) && await phone.HearsAsync(TimeSpan.FromMilliseconds(400)));
        await phone.ReinviteAsync(3, phone.Sdp(version: 3));
        await phone.ReceiveAudioAsync();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(60)]
    public async Task PacketTimeOfThePeer_IsKept(int milliseconds)
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync(phone.Sdp(more: $"a=ptime:{milliseconds}\r\n"));

        var packets = new List<byte[]>();
        for (int i = 0; i < 5; i++)
            packets.Add(await phone.ReceiveAudioAsync());

        Assert.All(packets, packet => Assert.Equal(12 + milliseconds * 8, packet.Length));
        uint[] times = [.. packets.Select(packet => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)))];
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal((uint)milliseconds * 8, pair.Second - pair.First));
    }

    [Fact]
    public async Task Ladder_ShowsTheCall_AndNoAddressOfAnybody()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.SendAsync("BYE", 2);
        await phone.ReceiveAsync();
        string id = (await phones.CallAsync()).GetProperty("id").GetString()!;

        string text = await phones.Gateway.Client.GetStringAsync($"/api/sip/calls/{id}/ladder");
        string svg = await phones.Gateway.Client.GetStringAsync($"/api/sip/calls/{id}/ladder.svg");

        foreach (string step in new[] { "INVITE (1)", "180 Ringing (1 INVITE)", "200 OK (1 INVITE)", "ACK (1)", "BYE (2)", "200 OK (2 BYE)" })
        {
            Assert.Contains(step, text);
            Assert.Contains(step, svg);
        }

        Assert.DoesNotContain("+4930123", text + svg);
        System.Xml.Linq.XDocument.Parse(svg);
    }
}
