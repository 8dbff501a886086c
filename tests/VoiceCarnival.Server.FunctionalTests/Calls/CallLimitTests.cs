using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>Calls whose media are elsewhere against their limits: the caller is told in speech, then hung up. The sessions' clock moves by hand.</summary>
public sealed class CallLimitTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MinutesAreOver_TheCallerIsTold_ThenHungUp(bool isPhone)
    {
        await using var gateway = await StartAsync(("VoiceCarnival:Limits:MaxSessionMinutes", "10"), ("VoiceCarnival:Limits:MaxIdleSeconds", "86400"));
        var (call, sideband) = await CallAsync(gateway, isPhone);
        await using var _ = sideband;
        _time.Advance(TimeSpan.FromMinutes(9));
        var warning = await sideband.WaitForAsync("voicecarnival.session.expiring");
        Assert.Equal(("max_session_minutes", "60"), (warning.Text("reason"), warning.Text("seconds_left")));
        await AssertToldAsync(gateway, call);
        Assert.False(call.Ended.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("session_expired", (await sideband.WaitForAsync("error")).Text("error.code"));
        await AssertHungUpAsync(gateway, call);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NothingComesFromTheCaller_TheCallerIsTold_ThenHungUp(bool isPhone)
    {
        await using var gateway = await StartAsync(("VoiceCarnival:Limits:MaxIdleSeconds", "100"));
        var (call, sideband) = await CallAsync(gateway, isPhone);
        await using var _ = sideband;
        _time.Advance(TimeSpan.FromSeconds(75));
        Assert.Equal("max_idle_seconds", (await sideband.WaitForAsync("voicecarnival.session.expiring")).Text("reason"));
        await AssertToldAsync(gateway, call);

        // That we spoke is no sign of life.
        await sideband.WaitForAsync("response.done");
        _time.Advance(TimeSpan.FromSeconds(27));
        Assert.Equal("session_idle", (await sideband.WaitForAsync("error")).Text("error.code"));
        await AssertHungUpAsync(gateway, call);
    }

    [Fact]
    public async Task CallerWhoAnswersTheWarning_StaysOn()
    {
        await using var gateway = await StartAsync(("VoiceCarnival:Limits:MaxIdleSeconds", "100"));
        var (call, sideband) = await CallAsync(gateway, isPhone: true);
        await using var _ = sideband;
        _time.Advance(TimeSpan.FromSeconds(75));
        await AssertToldAsync(gateway, call);
        await sideband.WaitForAsync("response.done");
        await call.SayAsync("""{"type":"input_audio_buffer.speech_started","event_id":"event_1","audio_start_ms":80000,"item_id":"item_1"}""");
        await sideband.WaitForAsync("input_audio_buffer.speech_started");
        _time.Advance(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("max_idle_seconds", (await sideband.WaitForAsync("voicecarnival.session.expiring")).Text("reason"));
        Assert.False(call.Ended.IsCompleted);
    }

    [Theory]
    [InlineData(false, "MaxSpendPerSession", "session_spend_limit_reached")]
    [InlineData(true, "MaxSpendPerSession", "session_spend_limit_reached")]
    [InlineData(false, "MaxSpendPerDay", "daily_spend_limit_reached")]
    [InlineData(true, "MaxSpendPerDay", "daily_spend_limit_reached")]
    public async Task MoneyIsSpent_TheCallerIsTold_ThenHungUp(bool isPhone, string limit, string code)
    {
        // One response of the fake service costs 10 × 4 + 20 × 64 = 1320 millionths of a dollar.
        await using var gateway = await StartAsync(("VoiceCarnival:Limits:" + limit, "0.0027"));
        var (call, sideband) = await CallAsync(gateway, isPhone);
        await using var _ = sideband;
        await sideband.SendAsync("""{"type":"response.create"}""");
        await sideband.WaitForAsync("response.done");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(sideband.Events, e => e.Type == "voicecarnival.session.expiring");
        await sideband.SendAsync("""{"type":"response.create"}""");
        await sideband.WaitForAsync("response.done");
        _time.Advance(TimeSpan.FromSeconds(1));
        await sideband.WaitForAsync("voicecarnival.session.expiring");
        await AssertToldAsync(gateway, call);

        // The warning itself is what passes the limit here.
        await sideband.WaitForAsync("response.done");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(code, (await sideband.WaitForAsync("error")).Text("error.code"));
        await AssertHungUpAsync(gateway, call);
    }

    // Only the sessions' clock is ours: lines between processes need their own time.
    private Task<CallGateway> StartAsync(params (string Key, string Value)[] settings) =>
        CallGateway.StartAsync(services => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<VoiceSessionHost>(provider, (TimeProvider)_time)), settings);

    private static async Task<(FakeCall Call, RealtimeTestClient Sideband)> CallAsync(CallGateway gateway, bool isPhone)
    {
        FakeCall call;
        if (isPhone)
        {
            call = gateway.Service.Ring();
            using var delivered = await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id, ("From", "sip:+1@x"), ("To", "sip:+2@y")));
            Assert.True(delivered.IsSuccessStatusCode);
        }
        else
        {
            call = gateway.Service.Call(await gateway.StartCallAsync());
        }

        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        var sideband = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await sideband.WaitForAsync("session.created");
        return (call, sideband);
    }

    private static async Task AssertToldAsync(CallGateway gateway, FakeCall call)
    {
        await gateway.Service.WaitUntilAsync(() => call.Received.Any(IsWarning));

        static bool IsWarning(System.Text.Json.JsonElement e) => e.GetProperty("type").GetString() == "response.create" && e.TryGetProperty("response", out var response)
            && response.GetProperty("instructions").GetString()!.Contains("has to end", StringComparison.Ordinal);
    }

    private static async Task AssertHungUpAsync(CallGateway gateway, FakeCall call)
    {
        await call.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await gateway.Service.WaitForAsync("hangup");
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 0);
        Assert.Null(gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id));
    }
}
