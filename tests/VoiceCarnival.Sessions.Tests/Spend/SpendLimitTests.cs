using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions.Tests.Spend;

/// <summary>Sessions against their limits of minutes and money.</summary>
public sealed class SpendLimitTests
{
    private const string Created = """{"type":"session.created","session":{"model":"dear","audio":{"input":{"transcription":{"model":"by-the-minute"}}}}}""";
    private const string Answer = """{"type":"response.done","response":{"id":"r","usage":{"input_tokens":0,"output_tokens":100000,"output_token_details":{"text_tokens":100000}}}}"""; // 0.10 USD
    private const string Transcript = """{"type":"conversation.item.input_audio_transcription.completed","usage":{"type":"duration","seconds":6}}"""; // 0.05 USD

    [Fact]
    public async Task SessionThatNearsItsMoney_IsWarnedOnce_AndClosedWithTheLimitsName()
    {
        using var rig = Rig(limits => limits.MaxSpendPerSession = 0.20m);
        var (session, connection) = await StartAsync(rig);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        rig.Host.Watch();
        Assert.DoesNotContain(ServerEventTypes.Expiring, connection.Log);
        rig.EngineSession.Say(ServerEventTypes.TranscriptionCompleted, Transcript);
        rig.EngineSession.Say(ServerEventTypes.TranscriptionCompleted, Transcript.Replace("6}", "4.8}", StringComparison.Ordinal));
        rig.Host.Watch();
        rig.Host.Watch();
        var warning = connection.Last(ServerEventTypes.Expiring);
        Assert.Equal("max_spend_per_session", warning.GetProperty("reason").GetString());
        Assert.Equal(0.01m, warning.GetProperty("usd_left").GetDecimal());
        Assert.Single(connection.Log, type => type == ServerEventTypes.Expiring);
        Assert.False(session.Ended.IsCompleted);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        // At once: no look of the watch is waited for, in which more could be asked for.
        Assert.Equal(TerminationKind.Operator, (await session.Ended).Kind);
        Assert.Equal("session_spend_limit_reached", connection.Closed!.Error!.Code);
        Assert.Equal(2, connection.Log.Count(type => type == ServerEventTypes.ResponseDone));
    }

    [Fact]
    public async Task DayThatIsSpent_EndsSessionsAndTakesNoNewOnes_UntilMidnight()
    {
        using var rig = Rig(limits => limits.MaxSpendPerDay = 0.25m);
        rig.Time.SetUtcNow(new DateTimeOffset(2026, 11, 28, 22, 0, 0, TimeSpan.Zero));
        var (first, firstConnection) = await StartAsync(rig);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        var (second, secondConnection) = await StartAsync(rig, understandsExtensions: false);
        rig.EngineSession.Say(ServerEventTypes.TranscriptionCompleted, Transcript.Replace("6}", "3}", StringComparison.Ordinal));
        rig.Host.Watch();
        Assert.Equal("max_spend_per_day", secondConnection.Last(ServerEventTypes.Expiring).GetProperty("reason").GetString());
        Assert.False(secondConnection.Last(ServerEventTypes.Expiring).TryGetProperty("usd_left", out _));
        rig.EngineSession.Say(ServerEventTypes.TranscriptionCompleted, Transcript);
        var (_, refusal) = await rig.TryOpenAsync();
        Assert.Equal((503, "daily_spend_limit_reached"), (refusal!.Status, refusal.Error.Code));
        Assert.Equal(TimeSpan.FromHours(2), refusal.RetryAfter);
        rig.Host.Watch();
        await first.Ended;
        await second.Ended;
        Assert.Equal("daily_spend_limit_reached", firstConnection.Closed!.Error!.Code);
        rig.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null((await rig.TryOpenAsync()).Refusal);
    }

    [Fact]
    public async Task SessionThatNearsItsMinutes_IsWarned_AndClosedAsExpired()
    {
        using var rig = Rig(limits => (limits.MaxSessionMinutes, limits.MaxIdleSeconds) = (10, 86_400));
        var (session, connection) = await StartAsync(rig, understandsExtensions: false);
        rig.Time.Advance(TimeSpan.FromSeconds(539));
        rig.Host.Watch();
        Assert.DoesNotContain(ServerEventTypes.Expiring, connection.Log);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Host.Watch();
        var warning = connection.Last(ServerEventTypes.Expiring);
        Assert.Equal("max_session_minutes", warning.GetProperty("reason").GetString());
        Assert.Equal(60, warning.GetProperty("seconds_left").GetInt32());
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        rig.Host.Watch();
        Assert.Equal(TerminationKind.Expired, (await session.Ended).Kind);
        Assert.Equal("session_expired", connection.Closed!.Error!.Code);
        Assert.Contains("10 minutes", connection.Closed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionThatHasNotBegun_IsNotWarnedBeforeItsFirstEvent()
    {
        using var rig = Rig(limits => limits.MaxSessionMinutes = 1);
        var session = await rig.OpenAsync();
        var connection = new ScriptedConnection();
        session.Start(connection);
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        rig.Host.Watch();
        Assert.Empty(connection.Log);
        rig.EngineSession.Say(ServerEventTypes.SessionCreated, Created);
        rig.Host.Watch();
        Assert.Equal(10, connection.Last(ServerEventTypes.Expiring).GetProperty("seconds_left").GetInt32());
    }

    [Fact]
    public async Task Money_FollowsTheModelThatTheEngineNames_AndBrokenUsageCostsNothing()
    {
        using var rig = Rig(limits => limits.MaxSpendPerSession = 1);
        var (session, _) = await StartAsync(rig);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        rig.EngineSession.Say(ServerEventTypes.SessionUpdated, """{"type":"session.updated","session":{"model":"free"}}""");
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, Answer);
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, """{"type":"response.done","response":""");
        rig.EngineSession.Say(ServerEventTypes.ResponseDone, """{"type":"response.done","response":{"usage":null}}""");
        Assert.Equal(0.10m, session.Spend!.Total);
    }

    [Theory]
    [InlineData(-1, 0, "Prices:free:TextIn")]
    [InlineData(0, -1, "MaxSpendPerDay")]
    public void MoneyBelowZero_IsRefusedAtStart(int price, int perDay, string key)
    {
        var limits = new LimitsOptions { Prices = new(StringComparer.Ordinal) { ["free"] = new ModelPrice { TextIn = price } }, MaxSpendPerDay = perDay == 0 ? null : perDay };
        var problem = Assert.Single(new LimitsOptionsValidator().Validate(null, limits).Failures ?? []);
        Assert.StartsWith("VoiceCarnival:Limits:" + key, problem, StringComparison.Ordinal);
    }

    private static SessionRig Rig(Action<LimitsOptions> configure) => new(limits =>
    {
        limits.Prices = new(StringComparer.Ordinal) { ["dear"] = new ModelPrice { TextOut = 1 }, ["free"] = new ModelPrice(), ["by-the-minute"] = new ModelPrice { PerMinute = 0.5m } };
        configure(limits);
    });

    private static async Task<(VoiceSession Session, ScriptedConnection Connection)> StartAsync(SessionRig rig, bool understandsExtensions = true)
    {
        var started = await rig.StartAsync(understandsExtensions);
        rig.EngineSession.Say(ServerEventTypes.SessionCreated, Created);
        return started;
    }
}
