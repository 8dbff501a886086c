using System.Net;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Tests;

public sealed class SessionAdmissionTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void FullServer_RefusesUntilALeaseIsReturned()
    {
        using var admission = Create(limits => limits.MaxSessions = 1);
        var lease = admission.TryAdmit(Here, Caller.Anonymous).Lease!;
        var refusal = admission.TryAdmit(There, Caller.Anonymous).Refusal!;
        Assert.Equal(503, refusal.Status);
        Assert.NotNull(refusal.RetryAfter);
        lease.Dispose();
        Assert.NotNull(admission.TryAdmit(There, Caller.Anonymous).Lease);
    }

    [Fact]
    public void LeaseReturnedTwice_FreesOnePlace()
    {
        using var admission = Create(limits => limits.MaxSessions = 2);
        var lease = admission.TryAdmit(Here, Caller.Anonymous).Lease!;
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        lease.Dispose();
        lease.Dispose();
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        Assert.Null(admission.TryAdmit(Here, Caller.Anonymous).Lease);
    }

    [Fact]
    public void FullAddress_LeavesOthersAlone()
    {
        using var admission = Create(limits => limits.MaxSessionsPerAddress = 1);
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        Assert.Equal(429, admission.TryAdmit(Here, Caller.Anonymous).Refusal!.Status);
        Assert.Equal(429, admission.TryAdmit(Here.MapToIPv6(), Caller.Anonymous).Refusal!.Status);
        Assert.NotNull(admission.TryAdmit(There, Caller.Anonymous).Lease);
    }

    [Fact]
    public void Ipv6Network_CountsAsOneAddress()
    {
        using var admission = Create(limits => limits.MaxSessionsPerAddress = 1);
        Assert.NotNull(admission.TryAdmit(IPAddress.Parse("2001:db8:1:2::1"), Caller.Anonymous).Lease);
        Assert.Null(admission.TryAdmit(IPAddress.Parse("2001:db8:1:2:ffff::9"), Caller.Anonymous).Lease);
        Assert.NotNull(admission.TryAdmit(IPAddress.Parse("2001:db8:1:3::1"), Caller.Anonymous).Lease);
    }

    [Fact]
    public void TooManyStarts_Are429()
    {
        using var admission = Create(limits => limits.SessionStartsPerMinute = 2);
        admission.TryAdmit(Here, Caller.Anonymous).Lease!.Dispose();
        admission.TryAdmit(Here, Caller.Anonymous).Lease!.Dispose();
        Assert.Equal(429, admission.TryAdmit(Here, Caller.Anonymous).Refusal!.Status);
        Assert.NotNull(admission.TryAdmit(There, Caller.Anonymous).Lease);
    }

    [Fact]
    public void FullCaller_IsToldSoFromAnyAddress_AndLeavesOthersAlone()
    {
        using var admission = Create(limits => limits.MaxSessionsPerCaller = 1);
        var alice = new Caller(CallerKind.User, "user:alice");
        var lease = admission.TryAdmit(Here, alice).Lease!;
        var refusal = admission.TryAdmit(There, new Caller(CallerKind.ClientSecret, "user:alice")).Refusal!;
        Assert.Equal((429, "session_limit_reached"), (refusal.Status, refusal.Error.Code));
        Assert.NotNull(refusal.RetryAfter);
        Assert.NotNull(admission.TryAdmit(Here, new Caller(CallerKind.User, "user:bob")).Lease);
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        lease.Dispose();
        Assert.NotNull(admission.TryAdmit(There, alice).Lease);
    }

    [Fact]
    public void StrangerWithAName_HasACallersLimits()
    {
        using var admission = Create(limits => (limits.MaxSessionsPerCaller, limits.SessionStartsPerMinutePerCaller) = (1, 2));
        var number = new Caller(CallerKind.Anonymous, "phone_0123456789abcdef");
        var lease = admission.TryAdmit(null, number).Lease!;
        Assert.Equal("session_limit_reached", admission.TryAdmit(null, number).Refusal!.Error.Code);
        lease.Dispose();
        Assert.Equal("rate_limit_exceeded", admission.TryAdmit(null, number).Refusal!.Error.Code);
        Assert.NotNull(admission.TryAdmit(null, new Caller(CallerKind.Anonymous, "phone_fedcba9876543210")).Lease);
    }

    [Fact]
    public void RefusedCaller_LeavesNoPlaceTaken()
    {
        using var admission = Create(limits => (limits.MaxSessions, limits.MaxSessionsPerAddress, limits.MaxSessionsPerCaller) = (2, 2, 1));
        var alice = new Caller(CallerKind.User, "user:alice");
        Assert.NotNull(admission.TryAdmit(Here, alice).Lease);
        for (int i = 0; i < 5; i++)
            Assert.Equal(429, admission.TryAdmit(Here, alice).Refusal!.Status);
        Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        Assert.Equal(503, admission.TryAdmit(There, Caller.Anonymous).Refusal!.Status);
    }

    [Fact]
    public void CallerThatStartsTooOften_Is429FromAnyAddress()
    {
        using var admission = Create(limits => limits.SessionStartsPerMinutePerCaller = 1);
        var key = new Caller(CallerKind.ApiKey, "backend");
        admission.TryAdmit(Here, key).Lease!.Dispose();
        var refusal = admission.TryAdmit(There, key).Refusal!;
        Assert.Equal((429, "rate_limit_exceeded"), (refusal.Status, refusal.Error.Code));
        Assert.NotNull(admission.TryAdmit(There, Caller.Anonymous).Lease);
    }

    [Fact]
    public void ManyAtOnce_NeverExceedTheLimit()
    {
        using var admission = Create(limits =>
        {
            limits.MaxSessions = 10;
            limits.SessionStartsPerMinute = 100_000;
        });
        int inside = 0, most = 0;
        Parallel.For(0, 5_000, _ =>
        {
            var (lease, _) = admission.TryAdmit(Here, Caller.Anonymous);
            if (lease is null)
                return;
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Interlocked.Decrement(ref inside);
            lease.Dispose();
        });
        Assert.InRange(most, 1, 10);
        for (int i = 0; i < 10; i++)
            Assert.NotNull(admission.TryAdmit(Here, Caller.Anonymous).Lease);
        Assert.Null(admission.TryAdmit(Here, Caller.Anonymous).Lease);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private static SessionAdmission Create(Action<LimitsOptions> configure)
    {
        var limits = new LimitsOptions();
        configure(limits);
        return new SessionAdmission(new FixedOptions<LimitsOptions>(limits), new FakeTimeProvider());
    }
}
