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
    public async Task NewToken_VoidsThoseBefore_OnceTheCallerWasHeard()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        string[] old = [rig.Directory.IssueToken(session), rig.Directory.IssueToken(session)];
        string fresh = rig.Directory.IssueToken(session);
        Assert.All([.. old, fresh], token => Assert.Same(session, rig.Directory.FindByToken(token)));
        rig.Directory.SpendFormerTokens(session);
        Assert.All(old, token => Assert.Null(rig.Directory.FindByToken(token)));
        Assert.Same(session, rig.Directory.FindByToken(fresh));
    }

    [Fact]
    public async Task CallerWhoComesBackAndIsNeverHeard_GetsABoundedNumberOfTokens()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        string[] tokens = [.. Enumerable.Range(0, 100).Select(_ => rig.Directory.IssueToken(session))];
        Assert.Equal(16, tokens.Count(token => rig.Directory.FindByToken(token) is not null));
        Assert.Same(session, rig.Directory.FindByToken(tokens[^1]));
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
        Assert.Null(rig.Directory.FindByToken(token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rt_00")]
    public void UnknownToken_IsNothing(string token) => Assert.Null(new SessionDirectory().FindByToken(token));

    [Fact]
    public void HugeToken_IsNothing() => Assert.Null(new SessionDirectory().FindByToken(new string('x', 100_000)));
}
