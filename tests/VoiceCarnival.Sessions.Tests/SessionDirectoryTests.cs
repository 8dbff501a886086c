using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Tests;

public sealed class SessionDirectoryTests
{
    [Fact]
    public async Task OpenSession_IsFoundUntilItEnds()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        Assert.Same(session, rig.Directory.Find(session.Id));
        session.End(SessionTermination.CallerClosed);
        await SessionRig.Eventually(() => rig.Directory.Find(session.Id) is null);
    }

    [Fact]
    public async Task Token_WorksOnce()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        string token = rig.Directory.IssueToken(session);
        Assert.Same(session, rig.Directory.Redeem(token));
        Assert.Null(rig.Directory.Redeem(token));
    }

    [Fact]
    public async Task NewToken_VoidsTheOldOne()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        string old = rig.Directory.IssueToken(session);
        string fresh = rig.Directory.IssueToken(session);
        Assert.Null(rig.Directory.Redeem(old));
        Assert.Same(session, rig.Directory.Redeem(fresh));
    }

    [Fact]
    public async Task EndedSession_TakesItsTokenAlong()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        string token = connection.Last(ServerEventTypes.ResumeToken).GetProperty("token").GetString()!;
        session.End(SessionTermination.CallerClosed);
        await SessionRig.Eventually(() => rig.Directory.Count == 0);
        await rig.EngineSession.Disposed;
        Assert.Null(rig.Directory.Redeem(token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rt_00")]
    public void UnknownToken_IsNothing(string token) => Assert.Null(new SessionDirectory().Redeem(token));

    [Fact]
    public void HugeToken_IsNothing() => Assert.Null(new SessionDirectory().Redeem(new string('x', 100_000)));
}
