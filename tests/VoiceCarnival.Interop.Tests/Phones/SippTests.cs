namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>sipp as caller and as callee.</summary>
public sealed class SippTests
{
    private const string Failing = """
        <?xml version="1.0"?>
        <scenario name="busy">
          <recv request="INVITE" crlf="true"/>
          <send>
            <![CDATA[
              SIP/2.0 486 Busy Here
              [last_Via:]
              [last_From:]
              [last_To:];tag=[call_number]
              [last_Call-ID:]
              [last_CSeq:]
              Content-Length: 0

            ]]>
          </send>
          <recv request="ACK"/>
        </scenario>
        """;

    private const string Ringing = """
        <?xml version="1.0"?>
        <scenario name="rings for ever">
          <recv request="INVITE" crlf="true"/>
          <send>
            <![CDATA[
              SIP/2.0 183 Session Progress
              [last_Via:]
              [last_From:]
              [last_To:];tag=[call_number]
              [last_Call-ID:]
              [last_CSeq:]
              Contact: <sip:[local_ip]:[local_port]>
              Content-Type: application/sdp
              Content-Length: [len]

              v=0
              o=- 1 1 IN IP4 [local_ip]
              s=-
              c=IN IP4 [media_ip]
              t=0 0
              m=audio [media_port] RTP/AVP 0
            ]]>
          </send>
          <recv request="CANCEL"/>
          <send>
            <![CDATA[
              SIP/2.0 200 OK
              [last_Via:]
              [last_From:]
              [last_To:]
              [last_Call-ID:]
              [last_CSeq:]
              Content-Length: 0

            ]]>
          </send>
          <send retrans="500">
            <![CDATA[
              SIP/2.0 487 Request Terminated
              [last_Via:]
              [last_From:]
              [last_To:]
              [last_Call-ID:]
              CSeq: 1 INVITE
              Content-Length: 0

            ]]>
          </send>
          <recv request="ACK" timeout="5000"/>
        </scenario>
        """;

    [Theory]
    [InlineData("127.0.0.1", "u1")]
    [InlineData("127.0.0.1", "t1")]
    [InlineData("::1", "u1")]
    [InlineData("::1", "t1")]
    public async Task Caller_SetsUpAndEndsCalls(string address, string transport)
    {
        PhoneProgram.Require("sipp");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Address", address));
        await using var sipp = Sipp.CallFrom(address, server.Port, transport, 20);

        Assert.True(await sipp.EndsAsync() == 0, sipp.Log);
        var calls = await server.CallsAsync();
        Assert.Equal(20, calls.Length);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Callee_Answers_AndIsHungUp(string address)
    {
        PhoneProgram.Require("sipp");
        await using var sipp = Sipp.AnswerAt(address);
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Address", address), ("VoiceCarnival:Sip:Destinations:0", $"*@{sipp.Host}"));

        string call = await server.CallAsync($"sip:service@{sipp.Host}:{sipp.Port}", new { headers = new Dictionary<string, string> { ["X-Order"] = "17" } });
        await server.UntilAsync(call, "answered");
        await server.HangUpAsync(call);

        Assert.Equal("ended", (await server.UntilAsync(call, "ended"))[^1]);
        Assert.True(await sipp.EndsAsync() == 0, sipp.Log);
        Assert.Contains("X-Order: 17", sipp.Messages);
        Assert.Contains("BYE", await server.LadderAsync(call));
    }

    [Fact]
    public async Task BusyCallee_EndsTheCall_WithItsStatus()
    {
        PhoneProgram.Require("sipp");
        await using var sipp = Sipp.Answer(Failing);
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "*@127.0.0.1"));

        string call = await server.CallAsync($"sip:service@127.0.0.1:{sipp.Port}");
        await server.UntilAsync(call, "ended");

        Assert.Equal(486, (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task CallThatRings_IsHeardEarly_AndTakenBack()
    {
        PhoneProgram.Require("sipp");
        await using var sipp = Sipp.Answer(Ringing, "-rtp_echo");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "*@127.0.0.1"));

        string call = await server.CallAsync($"sip:service@127.0.0.1:{sipp.Port}");
        await server.UntilAsync(call, "early_media");
        for (int i = 0; (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("media") is var media; i++)
        {
            if (media.ValueKind == System.Text.Json.JsonValueKind.Object && media.GetProperty("packets_received").GetInt64() > 10)
                break;
            Assert.True(i < 400, "Nothing was heard before the answer.");
            await Task.Delay(50);
        }

        await server.HangUpAsync(call);
        await server.UntilAsync(call, "ended");
        Assert.Equal(487, (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("status").GetInt32());
        Assert.Contains("CANCEL", sipp.Messages);
    }
}
