using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>WebRTC calls between a browser and the service, under our control.</summary>
public sealed class DirectCallTests
{
    [Fact]
    public async Task RawOffer_IsForwardedWithKeyAndDefaults_AndAnswered()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var response = await gateway.CallAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(FakeOpenAI.Answer, await response.Content.ReadAsStringAsync());
        Assert.Equal("/v1/realtime/calls/" + gateway.Service.OnlyCall.Id, response.Headers.Location!.OriginalString);

        var forwarded = await gateway.Service.WaitForAsync("create");
        Assert.Equal(CallGateway.Offer, forwarded.Sdp);
        Assert.Equal("Bearer " + FakeOpenAI.ApiKey, forwarded.Headers["Authorization"]);
        Assert.Matches("^[0-9a-f]{32}$", forwarded.Headers["OpenAI-Safety-Identifier"]);
        Assert.Equal("gpt-realtime-2.1", forwarded.Json.GetProperty("model").GetString());
        Assert.Equal("marin", forwarded.Json.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
    }

    [Fact]
    public async Task FieldsOfTheCall_LieOverTheSecrets_OverTheOperators()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Policy:AllowedFields:0", "*"), ("VoiceCarnival:Policy:Instructions", "The operator's."), ("VoiceCarnival:Policy:Tools", """[{"type":"function","name":"look"}]"""));
        string secret = await gateway.MintAsync("""{"session":{"type":"realtime","instructions":"The secret's.","audio":{"output":{"voice":"cedar"}}}}""");
        await gateway.StartCallAsync("""{"type":"realtime","audio":{"output":{"speed":1.2}}}""", secret);
        var session = (await gateway.Service.WaitForAsync("create")).Json;
        Assert.Equal("The secret's.", session.GetProperty("instructions").GetString());
        Assert.Equal("look", session.GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal("cedar", session.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.Equal(1.2, session.GetProperty("audio").GetProperty("output").GetProperty("speed").GetDouble());
    }

    [Fact]
    public async Task Sideband_IsAttachedAfterEarly404s_AndTheCallIsASession()
    {
        await using var gateway = await CallGateway.StartAsync();
        gateway.Service.EarlyNotFound = 3;
        string id = await gateway.StartCallAsync();
        var call = gateway.Service.Call(id);
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        Assert.Equal(4, call.Attempts);
        var session = Assert.Single(await gateway.SessionsAsync());
        Assert.Equal(id, session.GetProperty("call_id").GetString());
        Assert.Equal("webrtc-direct", session.GetProperty("transport").GetString());
        Assert.Equal("openai", session.GetProperty("engine").GetString());
    }

    [Fact]
    public async Task CallerHangsUp_TheSessionEnds_WithoutAHangupOfOurs()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Call(await gateway.StartCallAsync());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        var session = gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id)!.Session!;
        await call.EndAsync();
        Assert.Equal(TerminationKind.CallerClosed, (await session.Ended.WaitAsync(TimeSpan.FromSeconds(10))).Kind);
        Assert.DoesNotContain(gateway.Service.Requests, request => request.Action == "hangup");
        Assert.Null(gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id));
    }

    [Fact]
    public async Task SidebandIsClosed_ButTheCallGoesOn_ItIsAttachedAgain()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Call(await gateway.StartCallAsync());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await client.ExpectAsync("session.created");
        await call.CloseSidebandsAsync();
        await client.ExpectAsync("voicecarnival.session.resumed");
        await client.ExpectAsync("session.updated");
        await client.SendAsync("""{"type":"response.create"}""");
        await client.WaitForAsync("response.done");
        client.AssertNoProblems();
    }

    [Fact]
    public async Task SilentSidebandOfACallThatIsOver_IsFoundOut()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:OpenAI:Calls:SilenceSeconds", "5"));
        var call = gateway.Service.Call(await gateway.StartCallAsync());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        var session = gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id)!.Session!;
        await call.EndAsync(closesSidebands: false);
        Assert.Equal("the call is over", (await session.Ended.WaitAsync(TimeSpan.FromSeconds(30))).Reason);
    }

    [Fact]
    public async Task ServiceNeverKnowsTheCall_TheSessionEndsAfterTheBudget()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:OpenAI:Calls:AttachSeconds", "1"));
        gateway.Service.EarlyNotFound = 1000;
        string id = await gateway.StartCallAsync();
        var session = gateway.Services.GetRequiredService<CallDirectory>().Find(id)!.Session!;
        Assert.Equal(TerminationKind.EngineFailed, (await session.Ended.WaitAsync(TimeSpan.FromSeconds(10))).Kind);
        await gateway.Service.WaitForAsync("hangup");
    }

    [Fact]
    public async Task SessionEndsHere_TheCallIsHungUpThere_EvenIfTheFirstTryFails()
    {
        await using var gateway = await CallGateway.StartAsync();
        string id = await gateway.StartCallAsync();
        gateway.Service.Fail("hangup", 500);
        gateway.Services.GetRequiredService<CallDirectory>().Find(id)!.Session!.End(new SessionTermination(TerminationKind.Operator, "enough"));
        await gateway.Service.Call(id).Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await gateway.Service.WaitForAsync("hangup", 2);
    }

    [Fact]
    public async Task ServerStops_CallsAreHungUp()
    {
        var gateway = await CallGateway.StartAsync();
        var call = gateway.Service.Call(await gateway.StartCallAsync());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        await gateway.DisposeAsync();
        Assert.True(call.Ended.IsCompleted);
    }

    [Theory]
    [InlineData(401, "invalid_api_key", HttpStatusCode.Unauthorized)]
    [InlineData(429, "insufficient_quota", HttpStatusCode.TooManyRequests)]
    [InlineData(500, "server_error", HttpStatusCode.InternalServerError)]
    public async Task ServiceRefuses_ItsErrorComesBackAsWhatItIs_AndNoPlaceIsKept(int status, string code, HttpStatusCode expected)
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Limits:MaxSessions", "1"));
        gateway.Service.Fail("create", status, code: code);
        var error = await Gateway.ErrorOf(await gateway.CallAsync(), expected);
        Assert.Equal(code, error.GetProperty("code").GetString());
        await gateway.StartCallAsync();
    }

    [Fact]
    public async Task WrongSession_IsToldWithTheServicesWords()
    {
        await using var gateway = await CallGateway.StartAsync();
        var error = await Gateway.ErrorOf(await gateway.CallAsync("""{"type":"dance"}"""), HttpStatusCode.BadRequest);
        Assert.Equal("session.type", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Limits_CountCalls()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Limits:MaxSessions", "1"));
        await gateway.StartCallAsync();
        using var second = await gateway.CallAsync();
        Assert.True(second.Headers.Contains("Retry-After"));
        Assert.Equal("session_limit_reached", (await Gateway.ErrorOf(second, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString());
        Assert.Single(gateway.Service.Calls);
    }

    [Fact]
    public async Task LimitNears_TheCallerIsTold_AndAtTheLimitTheCallIsHungUp()
    {
        // One response of the fake service costs 10 × 4 + 20 × 64 = 1320 millionths of a dollar.
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Limits:MaxSpendPerSession", "0.0014"));
        var call = gateway.Service.Call(await gateway.StartCallAsync());
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("max_spend_per_session", (await client.WaitForAsync("voicecarnival.session.expiring")).Text("reason"));
        await gateway.Service.WaitUntilAsync(() => call.Received.Count == 2);
        Assert.Contains("has to end", call.Received[1].GetProperty("response").GetProperty("instructions").GetString(), StringComparison.Ordinal);

        // The warning itself is what passes the limit here.
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await gateway.Service.WaitForAsync("hangup");
        Assert.Equal("session_spend_limit_reached", (await client.WaitForAsync("error")).Text("error.code"));
        await client.WaitForCloseAsync();
    }

    [Fact]
    public async Task Policy_BindsTheFields_AndForbidsWhatItCannotFollow()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Policy:AllowedFields:0", "audio"), ("VoiceCarnival:Policy:HideOperatorFields", "true"));
        var violation = await Gateway.ErrorOf(await gateway.CallAsync("""{"type":"realtime","instructions":"Mine."}"""), HttpStatusCode.Forbidden);
        Assert.Equal("policy_violation", violation.GetProperty("code").GetString());
        var direct = await Gateway.ErrorOf(await gateway.CallAsync(query: "?transport=webrtc-direct"), HttpStatusCode.Forbidden);
        Assert.Equal("direct_calls_not_allowed", direct.GetProperty("code").GetString());
        await gateway.StartCallAsync(bearer: CallGateway.BackendKey);

        // A call that such a caller reports cannot be its own.
        var others = gateway.Service.StartCall();
        var report = await Gateway.ErrorOf(await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{others.Id}}"}""", await gateway.MintAsync()), HttpStatusCode.Forbidden);
        Assert.Equal("direct_calls_not_allowed", report.GetProperty("code").GetString());
        Assert.False(others.Ended.IsCompleted);
        Assert.Equal(0, others.Sidebands);

        using var minted = await gateway.PostAsync("/api/ephemeral-token", "{}");
        var token = await Gateway.JsonOf(minted);
        Assert.Equal(JsonValueKind.Null, token.GetProperty("direct_calls_url").ValueKind);
        Assert.Equal(new Uri(gateway.Address, "/v1/realtime/calls").ToString(), token.GetProperty("calls_url").GetString()); // through this server
        Assert.DoesNotContain(gateway.Service.Requests, request => request.Action == "client_secrets");
    }

    [Fact]
    public async Task Token_TellsBothWaysToCall()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var minted = await gateway.PostAsync("/api/ephemeral-token", "{}");
        var token = await Gateway.JsonOf(minted);
        Assert.Equal(new Uri(gateway.Address, "/v1/realtime/calls").ToString(), token.GetProperty("calls_url").GetString());
        Assert.Equal(gateway.Service.BaseUrl + "/realtime/calls", token.GetProperty("direct_calls_url").GetString());
    }

    [Theory]
    [InlineData("text/plain", "v=0", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/sdp", "hello", HttpStatusCode.BadRequest)]
    [InlineData("application/sdp", "", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=x", "garbage", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data", "garbage", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n{}\r\n--x--\r\n", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"sdp\"\r\n\r\nv=0\r\n--x\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n[]\r\n--x--\r\n", HttpStatusCode.BadRequest)]
    public async Task GarbageOffer_IsRefusedBeforeTheServiceSeesIt(string type, string body, HttpStatusCode expected)
    {
        await using var gateway = await CallGateway.StartAsync();
        using var content = new StringContent(body);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        await Gateway.ErrorOf(await gateway.Client.PostAsync("/v1/realtime/calls", content), expected);
        Assert.Empty(gateway.Service.Requests);
    }

    [Fact]
    public async Task LargeOffer_Is413()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var content = new StringContent("v=0" + new string('a', 300_000));
        content.Headers.ContentType = new("application/sdp");
        await Gateway.ErrorOf(await gateway.Client.PostAsync("/v1/realtime/calls", content), HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task ReportedCall_IsFollowed_AndOnlyItsSecretMayHangUp()
    {
        await using var gateway = await CallGateway.StartAsync();
        string secret = await gateway.MintAsync();
        string other = await gateway.MintAsync();
        var call = gateway.Service.StartCall();
        using var reported = await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{call.Id}}"}""", secret);
        Assert.Equal(HttpStatusCode.Accepted, reported.StatusCode);
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        using var again = await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{call.Id}}"}""", secret);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        await Gateway.ErrorOf(await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{call.Id}}"}""", other), HttpStatusCode.NotFound);
        Assert.Equal(call.Id, Assert.Single(await gateway.SessionsAsync()).GetProperty("call_id").GetString());

        await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/hangup", null, other), HttpStatusCode.NotFound);
        await Gateway.ErrorOf(await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/refer", """{"target_uri":"tel:+1"}""", secret), HttpStatusCode.Forbidden);
        using var hungUp = await gateway.PostAsync($"/v1/realtime/calls/{call.Id}/hangup", null, secret);
        Assert.Equal(HttpStatusCode.OK, hungUp.StatusCode);
        Assert.Equal("", await hungUp.Content.ReadAsStringAsync());
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Single(gateway.Service.Requests, request => request.Action == "hangup");
    }

    [Fact]
    public async Task ReportedCalls_AreBoundedPerSecret_AndWithinTheLimits()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:OpenAI:Calls:MaxPerSecret", "1"), ("VoiceCarnival:Limits:MaxSessions", "2"));
        string secret = await gateway.MintAsync();
        using var first = await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{gateway.Service.StartCall().Id}}"}""", secret);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        var tooMany = await Gateway.ErrorOf(await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{gateway.Service.StartCall().Id}}"}""", secret), HttpStatusCode.TooManyRequests);
        Assert.Equal("too_many_calls", tooMany.GetProperty("code").GetString());
        await gateway.StartCallAsync();
        var uncontrolled = gateway.Service.StartCall();
        await Gateway.ErrorOf(await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{uncontrolled.Id}}"}"""), HttpStatusCode.ServiceUnavailable);
        Assert.True(uncontrolled.Ended.IsCompleted);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"call_id":5}""")]
    [InlineData("""{"call_id":"../models"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task WrongReport_Is400(string body)
    {
        await using var gateway = await CallGateway.StartAsync();
        await Gateway.ErrorOf(await gateway.PostAsync("/api/calls", body), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task LocalEngine_SaysThatItHasNone()
    {
        await using var gateway = new Gateway([("VoiceCarnival:Engine", "local")], localEngine: true);
        Assert.Equal("transport_unavailable", (await Gateway.ErrorOf(await gateway.Client.PostAsync("/api/calls", null), HttpStatusCode.NotImplemented)).GetProperty("code").GetString());
        await Gateway.ErrorOf(await gateway.Client.PostAsync("/webhooks/openai", null), HttpStatusCode.NotImplemented);
    }
}
