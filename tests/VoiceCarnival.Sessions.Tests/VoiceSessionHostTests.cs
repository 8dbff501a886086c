using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Tests;

public sealed class VoiceSessionHostTests
{
    [Fact]
    public async Task SessionThatEnds_GivesItsPlaceBack()
    {
        using var rig = new SessionRig(limits => limits.MaxSessions = 1);
        var session = await rig.OpenAsync();
        var (_, refusal) = await rig.TryOpenAsync();
        Assert.Equal(503, refusal!.Status);
        Assert.Equal("session_limit_reached", refusal.Error.Code);
        session.End(SessionTermination.CallerClosed);
        await SessionRig.Eventually(() => rig.Directory.Count == 0 && rig.TryOpenAsync().AsTask().Result.Session is not null);
    }

    [Fact]
    public async Task EngineThatRefuses_KeepsNoPlace()
    {
        using var rig = new SessionRig(limits => limits.MaxSessions = 1);
        rig.Engine.Refusal = () => new SessionRefusal(400, RealtimeError.Invalid("invalid_model", "No such model."));
        Assert.Equal(400, (await rig.TryOpenAsync()).Refusal!.Status);
        rig.Engine.Refusal = () => throw new InvalidOperationException("broken");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.TryOpenAsync());
        rig.Engine.Refusal = () => null;
        Assert.NotNull((await rig.TryOpenAsync()).Session);
    }

    [Fact]
    public async Task CallerThatDoesNotComeBack_EndsTheSessionAfterTheGrace()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        session.Detach(connection, SessionTermination.CallerClosed, mayResume: true);
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        rig.Host.Watch();
        Assert.False(session.Ended.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.Host.Watch();
        Assert.Equal(TerminationKind.CallerLost, (await session.Ended).Kind);
    }

    [Fact]
    public async Task SilentCaller_IsClosedWithAnError()
    {
        using var rig = new SessionRig(limits => limits.MaxIdleSeconds = 60);
        var (session, connection) = await rig.StartAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        await session.ReceiveAudioAsync(new byte[2], CancellationToken.None);
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        rig.Host.Watch();
        Assert.False(session.Ended.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        rig.Host.Watch();
        Assert.Equal(TerminationKind.Idle, (await session.Ended).Kind);
        Assert.Equal("session_idle", connection.Closed!.Error!.Code);
    }

    [Fact]
    public async Task RunningHost_WatchesByItself()
    {
        using var rig = new SessionRig(limits => limits.MaxIdleSeconds = 60);
        var (session, _) = await rig.StartAsync();
        await rig.Host.StartAsync(CancellationToken.None);
        await SessionRig.Eventually(() =>
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            return session.Ended.IsCompleted;
        });
        await rig.Host.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Shutdown_EndsSessionsAndTakesNoNewOnes()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        await rig.Host.StartAsync(CancellationToken.None);
        rig.Lifetime.StopApplication();
        Assert.Equal(TerminationKind.ServerShutdown, (await session.Ended).Kind);
        Assert.NotNull(connection.Closed);
        var (_, refusal) = await rig.TryOpenAsync();
        Assert.Equal(503, refusal!.Status);
        Assert.NotNull(refusal.RetryAfter);
    }
}
