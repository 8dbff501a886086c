using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>Phone calls that the service takes for us and announces by webhook.</summary>
public sealed class HostedSipTests
{
    private static readonly (string Key, string Value)[] Routes =
    [
        ("VoiceCarnival:OpenAI:Calls:Routes:0:Name", "spam"),
        ("VoiceCarnival:OpenAI:Calls:Routes:0:Match:From", "+1900*"),
        ("VoiceCarnival:OpenAI:Calls:Routes:0:Action", "reject"),
        ("VoiceCarnival:OpenAI:Calls:Routes:0:StatusCode", "486"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Name", "sales"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Match:To", "/sip:\\+4930123[0-9]{2}@.*/"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Match:X-Campaign", "spring"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Model", "gpt-realtime-2.1-mini"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Voice", "cedar"),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Instructions", "Sell."),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Tools", """[{"type":"function","name":"order"}]"""),
        ("VoiceCarnival:OpenAI:Calls:Routes:1:Greeting", "Say good morning."),
        ("VoiceCarnival:OpenAI:Calls:Routes:2:Match:To", "*wait*"),
        ("VoiceCarnival:OpenAI:Calls:Routes:2:Action", "wait"),
        ("VoiceCarnival:OpenAI:Calls:Routes:3:Match:To", "*other*"),
        ("VoiceCarnival:OpenAI:Calls:Routes:3:Action", "ignore"),
    ];

    [Fact]
    public async Task Call_IsAccepted_Followed_AndGreeted()
    {
        await using var gateway = await CallGateway.StartAsync([.. Routes, ("VoiceCarnival:Policy:Instructions", "Be kind.")]);
        gateway.Service.EarlyNotFound = 2;
        var call = gateway.Service.Ring();
        using var answer = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id,
            ("From", "\"Ann\" <sip:+4930555@example.net>;tag=1"), ("To", "<sip:+493012345@example.org;user=phone>"), ("X-Campaign", "SPRING")));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var accepted = (await gateway.Service.WaitForAsync("accept")).Json;
        Assert.Equal("realtime", accepted.GetProperty("type").GetString());
        Assert.Equal("gpt-realtime-2.1-mini", accepted.GetProperty("model").GetString());
        Assert.Equal("Sell.", accepted.GetProperty("instructions").GetString());
        Assert.Equal("cedar", accepted.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.Equal("order", accepted.GetProperty("tools")[0].GetProperty("name").GetString());
        await gateway.Service.WaitUntilAsync(() => call.Received.Count == 1);
        Assert.Equal("Say good morning.", call.Received[0].GetProperty("response").GetProperty("instructions").GetString());
        var session = Assert.Single(await gateway.SessionsAsync());
        Assert.Equal((call.Id, "sip-hosted"), (session.GetProperty("call_id").GetString(), session.GetProperty("transport").GetString()));
    }

    [Fact]
    public async Task CallWithoutARoute_IsAcceptedWithTheOperatorsFields_AndNobodySpeaksFirst()
    {
        await using var gateway = await CallGateway.StartAsync([.. Routes, ("VoiceCarnival:Policy:Instructions", "Be kind.")]);
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id, ("To", "sip:+1@example.org")));
        var accepted = (await gateway.Service.WaitForAsync("accept")).Json;
        Assert.Equal("Be kind.", accepted.GetProperty("instructions").GetString());
        Assert.Equal("gpt-realtime-2.1", accepted.GetProperty("model").GetString());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        Assert.Empty(call.Received);
    }

    [Fact]
    public async Task RejectRoute_RejectsWithItsStatus()
    {
        await using var gateway = await CallGateway.StartAsync(Routes);
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id, ("From", "<sip:+19005550100@example.net>;tag=x")));
        Assert.Equal(486, (await gateway.Service.WaitForAsync("reject")).Json.GetProperty("status_code").GetInt32());
        Assert.DoesNotContain(gateway.Service.Requests, request => request.Action == "accept");
        Assert.Empty(await gateway.SessionsAsync());
    }

    [Fact]
    public async Task WrongSignatures_AreRefused_AndNothingIsDone()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Ring();
        string body = FakeOpenAI.IncomingCall(call.Id);
        var now = DateTimeOffset.UtcNow;
        foreach (var (at, secret) in new[] { (now, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), (now.AddSeconds(-310), FakeOpenAI.WebhookSecret), (now.AddSeconds(310), FakeOpenAI.WebhookSecret) })
        {
            var error = await Gateway.ErrorOf(await gateway.DeliverAsync(body, at: at, secret: secret), HttpStatusCode.BadRequest);
            Assert.Equal("invalid_signature", error.GetProperty("code").GetString());
        }

        using var unsigned = await gateway.PostAsync("/webhooks/openai", body);
        await Gateway.ErrorOf(unsigned, HttpStatusCode.BadRequest);
        using var changed = FakeOpenAI.Delivery(gateway.Address, body);
        changed.Content = new StringContent(body + " ", Encoding.UTF8, "application/json");
        await Gateway.ErrorOf(await gateway.Client.SendAsync(changed), HttpStatusCode.BadRequest);
        Assert.Empty(gateway.Service.Requests);

        // None of them claimed the call.
        await gateway.DeliverAsync(body);
        await gateway.Service.WaitForAsync("accept");
    }

    [Fact]
    public async Task EitherOfTwoSecrets_IsTaken()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:OpenAI:WebhookSecret", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, " + FakeOpenAI.WebhookSecret));
        foreach (string secret in new[] { FakeOpenAI.WebhookSecret, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
        {
            using var answer = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(gateway.Service.Ring().Id), id: "wh_" + secret, secret: secret);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await gateway.Service.WaitForAsync("accept", 2);
    }

    [Fact]
    public async Task Replays_AndTwoAtOnceForOneCall_AreAcceptedOnce()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Ring();
        string body = FakeOpenAI.IncomingCall(call.Id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => gateway.DeliverAsync(body, id: i % 2 == 0 ? "wh_same" : $"wh_{i}")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        using var late = await gateway.DeliverAsync(body, id: "wh_same");
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);

        // A second call that is taken shows that nothing of the first waits any more.
        var next = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(next.Id), id: "wh_next");
        await gateway.Service.WaitUntilAsync(() => next.Sidebands == 1);
        Assert.Single(gateway.Service.Requests, request => request.Action == "accept" && request.CallId == call.Id);
        Assert.Equal(1, call.Attempts);
    }

    [Fact]
    public async Task SlowService_TheWebhookIsAnsweredAtOnce()
    {
        await using var gateway = await CallGateway.StartAsync();
        var released = new TaskCompletionSource();
        gateway.Service.Delay("accept", released.Task);
        var call = gateway.Service.Ring();
        using var answer = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, call.Attempts);
        released.SetResult();
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
    }

    [Fact]
    public async Task ServiceFails_AcceptIsTriedAgain()
    {
        await using var gateway = await CallGateway.StartAsync();
        gateway.Service.Fail("accept", 500, times: 2);
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        Assert.Equal(3, gateway.Service.Requests.Count(request => request.Action == "accept"));
    }

    [Fact]
    public async Task AnswerToTheAcceptIsLost_TheCallIsFollowedAllTheSame()
    {
        await using var gateway = await CallGateway.StartAsync();
        gateway.Service.LoseAnswer("accept");
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
    }

    [Theory]
    [InlineData(404, "call_id_not_found", false)]
    [InlineData(400, "decision_already_made", false)]
    [InlineData(400, "invalid_model", true)]
    public async Task ServiceRefusesTheAccept_ThereIsNoSession_AndWhoWaitsIsTold(int status, string code, bool isRejected)
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Limits:MaxSessions", "1"));
        gateway.Service.Fail("accept", status, code: code);
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id), id: "wh_1");
        await gateway.Service.WaitForAsync("accept");
        if (isRejected)
            Assert.Equal(480, (await gateway.Service.WaitForAsync("reject")).Json.GetProperty("status_code").GetInt32());
        // The place is free again, a moment after the service's answer: a call that rings before that is turned away as busy.
        bool isAccepted = false;
        for (int ring = 2; !isAccepted; ring++)
        {
            var next = gateway.Service.Ring();
            await gateway.DeliverAsync(FakeOpenAI.IncomingCall(next.Id), id: "wh_" + ring);
            await gateway.Service.WaitUntilAsync(() => gateway.Service.Requests.Any(request => request.CallId == next.Id));
            isAccepted = gateway.Service.Requests.Any(request => request.CallId == next.Id && request.Action == "accept");
            Assert.True(isAccepted || ring < 100, "The place was never free again.");
        }

        Assert.Equal(isRejected ? 1 : 0, gateway.Service.Requests.Count(request => request.Action == "reject" && request.CallId == call.Id));
    }

    [Fact]
    public async Task ServerIsFull_TheCallIsTurnedAwayAsBusy()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Limits:MaxSessions", "1"));
        await gateway.StartCallAsync();
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id));
        Assert.Equal(486, (await gateway.Service.WaitForAsync("reject")).Json.GetProperty("status_code").GetInt32());
        Assert.DoesNotContain(gateway.Service.Requests, request => request.Action == "accept");
    }

    [Theory]
    [InlineData("live.transport.incoming")]
    [InlineData("response.completed")]
    public async Task OtherEvents_AreTakenAndPassedOver(string type)
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Ring();
        using var answer = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id).Replace("realtime.call.incoming", type, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(gateway.Service.Ring().Id), id: "wh_2");
        await gateway.Service.WaitForAsync("accept");
        Assert.DoesNotContain(gateway.Service.Requests, request => request.CallId == call.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"realtime.call.incoming"}""")]
    [InlineData("""{"type":"realtime.call.incoming","data":{"call_id":"../../models"}}""")]
    [InlineData("""{"type":"realtime.call.incoming","data":{"call_id":7}}""")]
    [InlineData("""{"type":"\ud800"}""")]
    public async Task SignedGarbage_Is400(string body)
    {
        await using var gateway = await CallGateway.StartAsync();
        Assert.Equal("invalid_webhook", (await Gateway.ErrorOf(await gateway.DeliverAsync(body), HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task LargeBody_Is413()
    {
        await using var gateway = await CallGateway.StartAsync();
        await Gateway.ErrorOf(await gateway.DeliverAsync(new string('x', 300_000)), HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task WaitingCall_IsAcceptedOverTheApi_Once()
    {
        await using var gateway = await CallGateway.StartAsync(Routes);
        var call = await RingAsync(gateway, "<sip:wait@example.org>");
        using (var listed = await gateway.Client.GetAsync("/api/sessions"))
            Assert.Equal(call.Id, (await Gateway.JsonOf(listed)).GetProperty("ringing")[0].GetProperty("call_id").GetString());
        await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/accept", """{"type":"dance"}"""), HttpStatusCode.BadRequest);
        string fields = """{"type":"realtime","model":"gpt-x","instructions":"Mine.","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.4,"silence_duration_ms":300,"create_response":true}}}}""";
        using var accepted = await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/accept", fields);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Equal("", await accepted.Content.ReadAsStringAsync());
        var sent = (await gateway.Service.WaitForAsync("accept")).Json;
        Assert.Equal("gpt-x", sent.GetProperty("model").GetString());
        Assert.Equal(["type", "create_response"], sent.GetProperty("audio").GetProperty("input").GetProperty("turn_detection").EnumerateObject().Select(p => p.Name));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        foreach (string action in new[] { "accept", "reject" })
        {
            var error = await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/{action}"), HttpStatusCode.BadRequest);
            Assert.Equal("decision_already_made", error.GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task WaitingCall_NobodyDecides_IsRejectedAfterTheWait()
    {
        await using var gateway = await CallGateway.StartAsync([.. Routes, ("VoiceCarnival:OpenAI:Calls:WaitSeconds", "1")]);
        await RingAsync(gateway, "<sip:wait@example.org>");
        Assert.Equal(480, (await gateway.Service.WaitForAsync("reject")).Json.GetProperty("status_code").GetInt32());
    }

    [Fact]
    public async Task WaitingCall_AcceptedAsTheWaitEnds_IsReachable()
    {
        await using var gateway = await CallGateway.StartAsync([.. Routes, ("VoiceCarnival:OpenAI:Calls:WaitSeconds", "1")]);
        var call = await RingAsync(gateway, "<sip:wait@example.org>");
        var released = new TaskCompletionSource();
        gateway.Service.Delay("accept", released.Task);
        var accepting = gateway.PostAsync($"/v1/realtime/calls/{call.Id}/accept", """{"type":"realtime"}""");
        await Task.Delay(TimeSpan.FromSeconds(2)); // the wait ends meanwhile, with nothing to be seen
        Assert.DoesNotContain(gateway.Service.Requests, request => request.Action == "reject");
        released.SetResult();

        using var accepted = await accepting;
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        Assert.Equal(call.Id, Assert.Single(await gateway.SessionsAsync()).GetProperty("call_id").GetString());
        await Task.Delay(TimeSpan.FromSeconds(1.5)); // and whoever waited looks again
        using var hungUp = await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/hangup");
        Assert.Equal(HttpStatusCode.OK, hungUp.StatusCode);
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("reject", """{"status_code":299}""", "status_code")]
    [InlineData("reject", """{"status_code":"busy"}""", "status_code")]
    [InlineData("refer", "{}", "target_uri")]
    [InlineData("refer", """{"target_uri":"https://example.org"}""", "target_uri")]
    [InlineData("refer", """{"target_uri":"sip:a@b\r\nX: y"}""", "target_uri")]
    [InlineData("refer", """{"target_uri":"tel:"}""", "target_uri")]
    public async Task WrongControl_Is400WithParam(string action, string body, string param)
    {
        await using var gateway = await CallGateway.StartAsync(Routes);
        var call = await RingAsync(gateway, "<sip:wait@example.org>");
        var error = await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/{action}", body), HttpStatusCode.BadRequest);
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Refer_And_Hangup_ReachTheService_AndItsErrorsComeBack()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        using var referred = await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/refer", """{"target_uri":"tel:+14155550123"}""");
        Assert.Equal(HttpStatusCode.OK, referred.StatusCode);
        Assert.Equal("tel:+14155550123", (await gateway.Service.WaitForAsync("refer")).Json.GetProperty("target_uri").GetString());
        gateway.Service.Fail("refer", 500, code: "refer_failed");
        var error = await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/refer", """{"target_uri":"tel:+14155550123"}"""), HttpStatusCode.InternalServerError);
        Assert.Equal("refer_failed", error.GetProperty("code").GetString());
        using var hungUp = await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/hangup");
        Assert.Equal(HttpStatusCode.OK, hungUp.StatusCode);
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/hangup"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task IgnoredCall_IsLeftToOthers()
    {
        await using var gateway = await CallGateway.StartAsync(Routes);
        var call = await RingAsync(gateway, "<sip:other@example.org>", isKnown: false);
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(gateway.Service.Ring().Id), id: "wh_2");
        await gateway.Service.WaitForAsync("accept");
        Assert.DoesNotContain(gateway.Service.Requests, request => request.CallId == call.Id);
    }

    [Fact]
    public async Task Sip_SaysThatHostedCallsAreTaken()
    {
        await using var gateway = await CallGateway.StartAsync();
        var sip = await Gateway.JsonOf(await gateway.Client.GetAsync("/api/sip"));
        Assert.True(sip.GetProperty("available").GetBoolean());
        Assert.True(sip.GetProperty("hosted_sip").GetProperty("available").GetBoolean());
        await using var without = await CallGateway.StartAsync(("VoiceCarnival:OpenAI:WebhookSecret", ""));
        sip = await Gateway.JsonOf(await without.Client.GetAsync("/api/sip"));
        Assert.False(sip.GetProperty("hosted_sip").GetProperty("available").GetBoolean());
        Assert.Contains(sip.GetProperty("missing").EnumerateArray(), missing => missing.GetString()!.Contains("OPENAI_WEBHOOK_SECRET", StringComparison.Ordinal));
        Assert.Equal("webhook_not_configured", (await Gateway.ErrorOf(await without.DeliverAsync("{}"), HttpStatusCode.NotImplemented)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task SessionsAndControl_AreForOperatorsOnly()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Access:Authentication", "required"));
        await Gateway.ErrorOf(await gateway.Client.GetAsync("/api/sessions"), HttpStatusCode.Unauthorized);
        await Gateway.ErrorOf(await gateway.PostAsync("/v1/realtime/calls/rtc_x/hangup"), HttpStatusCode.Unauthorized);
        await Gateway.ErrorOf(await gateway.PostAsync("/v1/realtime/calls/rtc_x/hangup", bearer: CallGateway.BackendKey), HttpStatusCode.NotFound);
        await Gateway.ErrorOf(await gateway.CallAsync(), HttpStatusCode.Unauthorized);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions");
        request.Headers.Authorization = new("Bearer", CallGateway.BackendKey);
        using var listed = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
    }

    private static async Task<FakeCall> RingAsync(CallGateway gateway, string to, bool isKnown = true)
    {
        var call = gateway.Service.Ring();
        using var answer = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id, ("To", to)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var calls = gateway.Services.GetRequiredService<CallDirectory>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (isKnown && calls.Find(call.Id) is null)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return call;
    }
}
