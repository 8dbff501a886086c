using System.Net;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Tests.Ice;

public sealed class IceLiteAgentTests
{
    private static readonly IPEndPoint Server = IPEndPoint.Parse("192.0.2.1:5081");
    private readonly IceCredentials _local = Credentials(1);
    private readonly IceCredentials _remote = Credentials(2);
    private readonly byte[] _answer = new byte[StunMessage.MaxLength];
    private readonly IceLiteAgent _agent;
    private TimeSpan _now = TimeSpan.FromHours(1);

    public IceLiteAgentTests() => _agent = new IceLiteAgent(_local, _remote, new IceOptions(), _now);

    [Fact]
    public void FirstCheck_IsAnsweredWithTheAddressSeen_AndSelectsItsPath()
    {
        Assert.Equal(IceState.Waiting, _agent.State);
        Assert.Null(_agent.Selected);
        Assert.Equal(IceCheckOutcome.Accepted, Check("198.51.100.1:4000", nominate: false));
        Assert.Equal(StunError.None, StunMessage.TryRead(Answer, out var answer));
        Assert.Equal((StunClass.Success, new StunTransactionId(7, 8)), (answer.Class, answer.TransactionId));
        Assert.Equal(IPEndPoint.Parse("198.51.100.1:4000"), answer.GetXorMappedAddress());
        Assert.True(answer.HasFingerprint && answer.HasValidIntegrity(System.Text.Encoding.ASCII.GetBytes(_local.Password)));
        Assert.Equal(Path("198.51.100.1:4000"), _agent.Selected);
        Assert.True(_agent.Knows(Path("198.51.100.1:4000")));
        Assert.False(_agent.Knows(Path("198.51.100.1:4001")));
        Assert.Equal([IceEventKind.PathAdded, IceEventKind.PathSelected], Events());
    }

    [Fact]
    public void AggressiveNomination_SettlesOnTheHighestPriority_InAnyOrder()
    {
        Check("198.51.100.1:1", priority: 100);
        Check("198.51.100.1:2", priority: 300);
        Check("198.51.100.1:3", priority: 200);
        Assert.Equal(Path("198.51.100.1:2"), _agent.Selected);
        Check("198.51.100.1:4", priority: 400, nominate: false);
        Assert.Equal(Path("198.51.100.1:2"), _agent.Selected);
        Check("198.51.100.1:5", priority: 300);
        Assert.Equal(Path("198.51.100.1:5"), _agent.Selected);
    }

    [Fact]
    public void NominatedPath_TakesOverFromOneThatIsOnlyValid()
    {
        Check("198.51.100.1:1", priority: 300, nominate: false);
        Check("198.51.100.1:2", priority: 100);
        Assert.Equal(Path("198.51.100.1:2"), _agent.Selected);
    }

    /// <summary>As libwebrtc does when UDP is blocked on the way and TCP is not.</summary>
    [Fact]
    public void PeerThatTurnsToAnotherPath_IsFollowedAtOnce_WhateverItsPriority()
    {
        Check("198.51.100.1:1", priority: 300);
        Check("203.0.113.1:1", priority: 100, nominate: false);
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);

        Check("203.0.113.1:1", priority: 100);
        Assert.Equal(Path("203.0.113.1:1"), _agent.Selected);

        // It goes on asking on the former one.
        Check("198.51.100.1:1", priority: 300, nominate: false);
        Assert.Equal(Path("203.0.113.1:1"), _agent.Selected);

        Check("198.51.100.1:1", priority: 300);
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
    }

    [Fact]
    public void PathThatWasNominatedOnce_StaysSo_WhileItIsInUse()
    {
        Check("198.51.100.1:1", priority: 300);
        Check("198.51.100.1:1", priority: 300, nominate: false);
        Check("203.0.113.1:1", priority: 100);
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
    }

    [Fact]
    public void Restart_OnTheSamePath_IsThroughWhenItIsNominatedAnew()
    {
        Check("198.51.100.1:1", priority: 300);
        var (local, remote) = (Credentials(5), Credentials(6));
        _agent.Restart(local, remote, _now);
        Events();

        Check("198.51.100.1:1", to: local, from: remote, key: local, nominate: false, priority: 300);
        Assert.Equal(IceCheckOutcome.Accepted, Check("198.51.100.1:1", priority: 300));
        Assert.DoesNotContain(IceEventKind.Restarted, Events());

        Check("198.51.100.1:1", to: local, from: remote, key: local, priority: 300);
        Assert.Contains(IceEventKind.Restarted, Events());
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1", priority: 300));
    }

    [Fact]
    public void WrongCredentials_GetNoPath()
    {
        Assert.Equal(IceCheckOutcome.Refused, Check("198.51.100.1:1", key: Credentials(3)));
        AssertError(401);
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1", to: Credentials(3)));
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1", from: Credentials(3)));
        Assert.Equal(IceCheckOutcome.Refused, Check("198.51.100.1:1", sign: false));
        AssertError(400);
        Assert.Equal(IceState.Waiting, _agent.State);
        Assert.Empty(Events());
    }

    [Fact]
    public void Rfc8445_7_3_1_1_PeerThatWantsToBeControlled_IsToldToChange()
    {
        Assert.Equal(IceCheckOutcome.Refused, Check("198.51.100.1:1", role: StunAttributeType.IceControlled));
        AssertError(487);
        Assert.Equal(StunError.None, StunMessage.TryRead(Answer, out var answer));
        Assert.True(answer.HasValidIntegrity(System.Text.Encoding.ASCII.GetBytes(_local.Password)));
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void AttributeThatMustBeUnderstood_IsNamedInTheRefusal()
    {
        Assert.Equal(IceCheckOutcome.Refused, Check("198.51.100.1:1", role: (StunAttributeType)0x7F01));
        AssertError(420);
        Assert.Equal(StunError.None, StunMessage.TryRead(Answer, out var answer));
        Assert.True(answer.TryGet(StunAttributeType.UnknownAttributes, out var unknown));
        Assert.Equal([0x7F, 0x01], unknown.ToArray());
    }

    [Theory]
    [InlineData(StunClass.Indication)]
    [InlineData(StunClass.Success)]
    [InlineData(StunClass.Error)]
    public void WhatIsNoRequest_IsNotAnswered(StunClass messageClass)
    {
        var buffer = new byte[20];
        _ = new StunWriter(buffer, messageClass, StunMethod.Binding, default);
        Assert.Equal(StunError.None, StunMessage.TryRead(buffer, out var message));
        Assert.Equal(IceCheckOutcome.Ignored, _agent.Receive(message, Path("198.51.100.1:1"), _now, _answer, out int length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void NoCheckAtAll_FailsAtTheDeadline()
    {
        var deadline = _agent.NextDeadline!.Value;
        Assert.Equal(_now + TimeSpan.FromSeconds(30), deadline);
        _agent.AdvanceTo(deadline - TimeSpan.FromTicks(1));
        Assert.Equal(IceState.Waiting, _agent.State);
        _agent.AdvanceTo(deadline);
        Assert.Equal(IceState.Failed, _agent.State);
        Assert.Null(_agent.NextDeadline);
        Assert.Equal([IceEventKind.Failed], Events());
    }

    [Fact]
    public void Rfc7675_5_1_ConsentThatIsNotRenewed_RunsOutAfter30Seconds()
    {
        Check("198.51.100.1:1");
        Events();
        var lastCheck = _now;
        _agent.AdvanceTo(_agent.NextDeadline!.Value);
        Assert.Equal((IceState.Disconnected, Path("198.51.100.1:1")), (_agent.State, _agent.Selected!.Value));
        Assert.Equal(lastCheck + TimeSpan.FromSeconds(30), _agent.NextDeadline);
        _agent.AdvanceTo(_agent.NextDeadline!.Value);
        Assert.Equal((IceState.Failed, null), (_agent.State, _agent.Selected));
        Assert.Equal([IceEventKind.Disconnected, IceEventKind.PathRemoved, IceEventKind.Failed], Events());
        // A yes would tell the peer that it is still listened to.
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1"));
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void CheckAfterASilence_ConnectsAgain()
    {
        Check("198.51.100.1:1");
        _now += TimeSpan.FromSeconds(20);
        _agent.AdvanceTo(_now);
        Assert.Equal(IceState.Disconnected, _agent.State);
        Check("198.51.100.1:1");
        Assert.Equal(IceState.Connected, _agent.State);
        Assert.Equal([IceEventKind.PathAdded, IceEventKind.PathSelected, IceEventKind.Disconnected, IceEventKind.Reconnected], Events());
    }

    [Fact]
    public void SilentPath_GivesWayToALivingOneOfLowerPriority()
    {
        Check("198.51.100.1:1", priority: 300);
        for (int i = 0; i < 10; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            _agent.AdvanceTo(_now);
            Check("203.0.113.1:1", priority: 100);
        }

        Assert.Equal((IceState.Connected, Path("203.0.113.1:1")), (_agent.State, _agent.Selected!.Value));
        Assert.DoesNotContain(IceEventKind.Disconnected, Events());
    }

    [Fact]
    public void Restart_KeepsTheOldPathUntilANewOneIsNominated()
    {
        Check("198.51.100.1:1", priority: 300);
        Events();
        var local = Credentials(11);
        var remote = Credentials(12);
        _agent.Restart(local, remote, _now);
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
        Assert.Same(local, _agent.Local);

        // The old credentials still renew consent, but open no new path.
        Assert.Equal(IceCheckOutcome.Accepted, Check("198.51.100.1:1", priority: 300));
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:9", priority: 500));
        Assert.False(_agent.Knows(Path("198.51.100.1:9")));

        Check("203.0.113.1:1", to: local, from: remote, key: local, nominate: false, priority: 100);
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
        Check("203.0.113.1:1", to: local, from: remote, key: local, priority: 100);
        Assert.Equal(Path("203.0.113.1:1"), _agent.Selected);
        Assert.Equal([IceEventKind.PathAdded, IceEventKind.PathSelected, IceEventKind.PathRemoved, IceEventKind.Restarted], Events());
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1"));
    }

    [Fact]
    public void RestartOnTheSamePath_EndsTheOldCredentials()
    {
        Check("198.51.100.1:1");
        Events();
        var local = Credentials(11);
        var remote = Credentials(12);
        _agent.Restart(local, remote, _now);
        Check("198.51.100.1:1", to: local, from: remote, key: local);
        Assert.Equal([IceEventKind.Restarted], Events());
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1"));
        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
    }

    [Fact]
    public void SecondRestartBeforeTheFirstIsThrough_KeepsTheCredentialsOfThePathThatWorks()
    {
        Check("198.51.100.1:1", priority: 300);
        var lost = Credentials(11);
        _agent.Restart(lost, Credentials(12), _now); // its answer never reached the peer
        var (local, remote) = (Credentials(13), Credentials(14));
        _agent.Restart(local, remote, _now);
        Assert.Same(_local, _agent.Former);
        Assert.Equal(IceCheckOutcome.Accepted, Check("198.51.100.1:1", priority: 300));
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1", to: lost, from: Credentials(12), key: lost));
        Check("203.0.113.1:1", to: local, from: remote, key: local);
        Assert.Equal(Path("203.0.113.1:1"), _agent.Selected);
        Assert.Null(_agent.Former);
        Assert.Equal(IceCheckOutcome.Ignored, Check("198.51.100.1:1"));
    }

    [Fact]
    public void RestartAfterAFailure_BeginsAnew()
    {
        _agent.AdvanceTo(_agent.NextDeadline!.Value);
        _now += TimeSpan.FromSeconds(40);
        var local = Credentials(11);
        _agent.Restart(local, _remote, _now);
        Assert.Equal(_now + TimeSpan.FromSeconds(30), _agent.NextDeadline);
        Check("198.51.100.1:1", to: local, key: local);
        Assert.Equal(IceState.Connected, _agent.State);
    }

    [Fact]
    public void PeerWithManyAddresses_KeepsTheSelectedOneAndFewOthers()
    {
        Check("198.51.100.1:1", priority: 1000);
        for (int port = 2; port < 200; port++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            Check($"198.51.100.1:{port}", priority: 1);
        }

        Assert.Equal(Path("198.51.100.1:1"), _agent.Selected);
        Assert.Equal(16, Enumerable.Range(1, 200).Count(port => _agent.Knows(Path($"198.51.100.1:{port}"))));
    }

    [Fact]
    public void SharedPort_FindsThePeerByItsFragment()
    {
        var peers = new IceUfrags<string>();
        Assert.True(peers.TryAdd(_local.Ufrag, "one"));
        Assert.False(peers.TryAdd(_local.Ufrag, "two"));
        Assert.Equal(StunError.None, StunMessage.TryRead(Request(_local, _remote, _local, 1, true, true, StunAttributeType.IceControlling), out var request));
        Assert.Equal("one", peers.Find(request));
        Assert.Equal(StunError.None, StunMessage.TryRead(Request(_remote, _local, _local, 1, true, true, StunAttributeType.IceControlling), out request));
        Assert.Null(peers.Find(request));
        peers.Remove(_local.Ufrag);
        Assert.Equal(0, peers.Count);
    }

    [Fact]
    public void RandomChecksRestartsAndPauses_NeverLeaveAnAgentWithoutADeadlineOrAPath()
    {
        var random = new Random(8445);
        for (int round = 0; round < 200; round++)
        {
            var agent = new IceLiteAgent(_local, _remote, new IceOptions { MaxPaths = 4 }, TimeSpan.Zero);
            var (local, remote) = (_local, _remote);
            var known = new HashSet<IcePath>();
            var now = TimeSpan.Zero;
            for (int step = 0; step < 200; step++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(random.Next(20) == 0 ? 20_000 : 2000));
                agent.AdvanceTo(now);
                if (random.Next(30) == 0)
                    agent.Restart(local = Credentials(random.Next(256)), remote = Credentials(random.Next(256)), now);
                var bytes = Request(local, remote, local, (uint)random.Next(5), random.Next(2) == 0, random.Next(10) != 0, StunAttributeType.IceControlling);
                Assert.Equal(StunError.None, StunMessage.TryRead(bytes, out var message));
                agent.Receive(message, Path($"198.51.100.1:{random.Next(1, 8)}"), now, _answer, out _);
                while (agent.TryTakeEvent(out var next))
                {
                    if (next.Kind == IceEventKind.PathAdded)
                        Assert.True(known.Add(next.Path));
                    else if (next.Kind == IceEventKind.PathRemoved)
                        Assert.True(known.Remove(next.Path));
                }

                Assert.InRange(known.Count, 0, 4);
                Assert.Equal(agent.State is IceState.Connected or IceState.Disconnected, agent.Selected is not null);
                Assert.Equal(agent.State == IceState.Failed, agent.NextDeadline is null);
                Assert.True(agent.Selected is not { } selected || known.Contains(selected));
                Assert.All(known, path => Assert.True(agent.Knows(path)));
            }
        }
    }

    private ReadOnlySpan<byte> Answer => _answer.AsSpan(0, Length);

    private int Length { get; set; }

    private static IceCredentials Credentials(int seed) => IceCredentials.Create(Enumerable.Repeat((byte)seed, IceCredentials.EntropyLength).ToArray());

    private static IcePath Path(string remote) => new(IceTransport.Udp, Server, IPEndPoint.Parse(remote));

    private static byte[] Request(IceCredentials to, IceCredentials from, IceCredentials key, uint priority, bool nominate, bool sign, StunAttributeType role)
    {
        var buffer = new byte[StunMessage.MaxLength];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(7, 8));
        writer.Add(StunAttributeType.Username, $"{to.Ufrag}:{from.Ufrag}");
        writer.Add(role, 1UL);
        writer.Add(StunAttributeType.Priority, priority);
        if (nominate)
            writer.Add(StunAttributeType.UseCandidate, ReadOnlySpan<byte>.Empty);
        if (sign)
            writer.AddMessageIntegrity(System.Text.Encoding.ASCII.GetBytes(key.Password));
        writer.AddFingerprint();
        return buffer[..writer.Length];
    }

    private IceCheckOutcome Check(
        string remote, uint priority = 1, bool nominate = true, IceCredentials? to = null, IceCredentials? from = null, IceCredentials? key = null, bool sign = true,
        StunAttributeType role = StunAttributeType.IceControlling)
    {
        Assert.Equal(StunError.None, StunMessage.TryRead(Request(to ?? _local, from ?? _remote, key ?? _local, priority, nominate, sign, role), out var message));
        var outcome = _agent.Receive(message, Path(remote), _now, _answer, out int length);
        Length = length;
        Assert.Equal(outcome == IceCheckOutcome.Ignored, length == 0);
        return outcome;
    }

    private void AssertError(int code)
    {
        Assert.Equal(StunError.None, StunMessage.TryRead(Answer, out var answer));
        Assert.Equal((StunClass.Error, code), (answer.Class, answer.GetErrorCode()));
    }

    private List<IceEventKind> Events()
    {
        var kinds = new List<IceEventKind>();
        while (_agent.TryTakeEvent(out var next))
            kinds.Add(next.Kind);
        return kinds;
    }
}
