using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Peers that hand their side of a call over, by REFER or by a call in place of theirs: the conversation goes on with whoever it was handed to.</summary>
public sealed class SipTransferTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?Replaces=other%40x%3Bto-tag%3Da%3Bfrom-tag%3Db")]
    public async Task PeerThatHandsOver_IsToldThatItWorked_AndTheSessionGoesOnWithTheOther(string replaces)
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", "true"), ("Destinations:0", "desk@127.0.0.1"));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();
        string? session = (await phones.CallAsync()).GetProperty("session_id").GetString();

        Assert.Equal(202, await phone.ReferAsync(2, $"{desk.Uri}{replaces}"));
        Assert.Contains("SIP/2.0 100", await phone.NotifiedAsync());
        var invite = await desk.PickUpAsync();
        Assert.Equal(replaces.Length == 0 ? null : "other@x;to-tag=a;from-tag=b", invite.GetText(SipHeaderName.Replaces));
        Assert.Contains("SIP/2.0 200", await phone.NotifiedAsync());
        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());
        await phone.SendAsync("BYE", 3);

        await desk.ReceiveAudioAsync();
        var call = await phones.UntilAsync("answered");
        Assert.Equal(session, call.GetProperty("session_id").GetString());
        await desk.HangUpAsync(invite);
        Assert.Equal("ended", (await phones.UntilAsync("ended")).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(486)]
    public async Task PeerThatHangsUpBeforeTheOtherAnswers_LeavesTheSessionToHim(int answer)
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", "true"), ("Destinations:0", "desk@127.0.0.1"));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();
        string? session = (await phones.CallAsync()).GetProperty("session_id").GetString();
        Assert.Equal(202, await phone.ReferAsync(2, desk.Uri));
        Assert.Contains("SIP/2.0 100", await phone.NotifiedAsync());
        var invite = await desk.RequestAsync(SipMethod.Invite);

        await phone.SendAsync("BYE", 3);
        while ((await phone.ReceiveAsync()).IsRequest)
            continue;
        await desk.AnswerAsync(invite, 180);
        await desk.AnswerAsync(invite, answer, answer == 200 ? desk.Sdp : "");

        if (answer == 200)
        {
            await desk.RequestAsync(SipMethod.Ack);
            await desk.ReceiveAudioAsync();
            Assert.Equal(session, (await phones.UntilAsync("answered")).GetProperty("session_id").GetString());
            await desk.HangUpAsync(invite);
        }

        await phones.UntilAsync("ended");
        Assert.Empty((await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sessions"))).GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task OtherWhoHangsUpAtOnce_LeavesTheSessionWithThePeer()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", "true"), ("Destinations:0", "desk@127.0.0.1"));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();
        var call = phones.Gateway.Services.GetRequiredService<SipCalls>().Find((await phones.CallAsync()).GetProperty("id").GetString()!)!;
        Assert.Equal(202, await phone.ReferAsync(2, desk.Uri));
        var invite = await desk.RequestAsync(SipMethod.Invite);

        // What is to be done for the call has to wait, as on a busy machine.
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        call.Post(() => busy.Task);
        await desk.AnswerAsync(invite, 200, desk.Sdp);
        await desk.RequestAsync(SipMethod.Ack);
        await desk.HangUpAsync(invite);
        while (!call.MayFollow)
            await Task.Delay(10);
        busy.SetResult();

        phone.Forget();
        await phone.ReceiveAudioAsync();
        await phone.SendAsync("BYE", 3);
        await phones.UntilAsync("ended", 200);
    }

    [Fact]
    public async Task PeerThatDoesNotHangUpAfterHandingOver_IsHungUp()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", "true"), ("Destinations:0", "desk@127.0.0.1"));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        await phone.ReferAsync(2, desk.Uri);
        await desk.PickUpAsync();

        await phone.RequestAsync(SipMethod.Bye);

        await desk.ReceiveAudioAsync();
        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task OtherWhoIsBusy_IsTold_AndTheCallGoesOn()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", "true"), ("Destinations:0", "desk@127.0.0.1"));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();
        Assert.Equal(202, await phone.ReferAsync(2, desk.Uri));
        Assert.Contains("SIP/2.0 100", await phone.NotifiedAsync());
        var invite = await desk.RequestAsync(SipMethod.Invite);
        await desk.AnswerAsync(invite, 180);
        Assert.Equal(180, (await phones.UntilAsync("transferring", 180)).GetProperty("status").GetInt32());
        await desk.AnswerAsync(invite, 486);

        Assert.Contains("SIP/2.0 486", await phone.NotifiedAsync());
        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());

        phone.Forget();
        await phone.ReceiveAudioAsync();
        // And may be asked again.
        Assert.Equal(202, await phone.ReferAsync(3, desk.Uri));
    }

    [Fact]
    public async Task TransferOfOursThatIsRefused_LeavesTheCallAnswered_AndSidebandsAreTold()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port) { ReferStatus = "603 Decline" };
        await phone.CallAsync();
        await using var sideband = await phones.ListenAsync();
        sideband.CheckSchema = false; // OpenAI has no such event
        await phone.ReceiveAudioAsync();
        string id = (await phones.CallAsync()).GetProperty("id").GetString()!;

        var asked = await phones.Gateway.Client.PostAsync($"/v1/realtime/calls/{id}/refer", new StringContent("""{"target_uri":"tel:+4930"}""", null, "application/json"));
        Assert.True(asked.IsSuccessStatusCode);
        await phone.RequestAsync(SipMethod.Refer);

        string[] told = [await NextAsync(), await NextAsync(), await NextAsync()];
        Assert.Equal(["transferring 100", "transferring 603", "answered 200"], told);
        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());

        async Task<string> NextAsync()
        {
            var next = (await sideband.WaitForAsync("voicecarnival.call.progress")).Json;
            return $"{next.GetProperty("state").GetString()} {next.GetProperty("status").GetInt32()}";
        }
    }

    [Theory]
    [InlineData("false", "desk@127.0.0.1", 603, null)]
    [InlineData("true", "somebody@else.example", 202, "SIP/2.0 603")]
    public async Task PeerThatMayNotHandOver_IsRefused_AndNobodyIsCalled(string takes, string destination, int status, string? told)
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenAsync(null, ("TakesTransfers", takes), ("Destinations:0", destination));
        using var phone = new SipPhone(phones.Port);
        await phone.CallAsync();

        Assert.Equal(status, await phone.ReferAsync(2, desk.Uri));
        if (told is not null)
        {
            Assert.Contains("SIP/2.0 100", await phone.NotifiedAsync());
            Assert.Contains(told, await phone.NotifiedAsync());
        }

        Assert.Equal("answered", (await phones.CallAsync()).GetProperty("state").GetString());
        Assert.Single((await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sip/calls"))).GetProperty("calls").EnumerateArray());
    }

    [Fact]
    public async Task CallInPlaceOfAnother_HasItsSession_AndTheOtherIsHungUp()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var other = new SipPhone(phones.Port, "anybody");
        await phone.CallAsync();
        await phone.ReceiveAudioAsync();
        string? session = (await phones.CallAsync()).GetProperty("session_id").GetString();
        other.MoreHeaders = $"Require: replaces\r\nReplaces: {phone.CallId};to-tag={phone.Tag};from-tag=p\r\n";

        Assert.Equal(200, (await other.CallAsync(other.Sdp("8"))).Status);

        await phone.RequestAsync(SipMethod.Bye);
        Assert.Equal(8, (await other.ReceiveAudioAsync())[1] & 0x7F);
        var call = await phones.CallAsync();
        Assert.Equal((session, "answered"), (call.GetProperty("session_id").GetString(), call.GetProperty("state").GetString()));
        await other.SendAsync("BYE", 2);
        Assert.Equal("ended", (await phones.UntilAsync("ended")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task CallInPlaceOfOneThatIsNotThere_IsRefused()
    {
        await using var phones = await PhoneGateway.OpenAsync();
        using var phone = new SipPhone(phones.Port);
        using var other = new SipPhone(phones.Port);
        await phone.CallAsync();
        other.MoreHeaders = $"Replaces: {phone.CallId};to-tag={phone.Tag};from-tag=guessed\r\n";

        Assert.Equal(481, (await other.CallAsync()).Status);

        phone.Forget();
        await phone.ReceiveAudioAsync();
    }
}
