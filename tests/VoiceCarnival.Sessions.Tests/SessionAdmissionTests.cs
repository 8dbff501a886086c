using System.Net;

namespace VoiceCarnival.Sessions.Tests;

public sealed class SessionAdmissionTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void FullServer_RefusesUntilALeaseIsReturned()
    {
        using var admission = Create(limits => limits.MaxSessions = 1);
        var lease = admission.TryAdmit(Here).Lease!;
        var refusal = admission.TryAdmit(There).Refusal!;
        Assert.Equal(503, refusal.Status);
        Assert.NotNull(refusal.RetryAfter);
        lease.Dispose();
        Assert.NotNull(admission.TryAdmit(There).Lease);
    }

    [Fact]
    public void LeaseReturnedTwice_FreesOnePlace()
    {
        using var admission = Create(limits => limits.MaxSessions = 2);
        var lease = admission.TryAdmit(Here).Lease!;
        Assert.NotNull(admission.TryAdmit(Here).Lease);
        lease.Dispose();
        lease.Dispose();
        Assert.NotNull(admission.TryAdmit(Here).Lease);
        Assert.Null(admission.TryAdmit(Here).Lease);
    }

    [Fact]
    public void FullAddress_LeavesOthersAlone()
    {
        using var admission = Create(limits => limits.MaxSessionsPerAddress = 1);
        Assert.NotNull(admission.TryAdmit(Here).Lease);
        Assert.Equal(503, admission.TryAdmit(Here).Refusal!.Status);
        Assert.Equal(503, admission.TryAdmit(Here.MapToIPv6()).Refusal!.Status);
        Assert.NotNull(admission.TryAdmit(There).Lease);
    }

    [Fact]
    public void Ipv6Network_CountsAsOneAddress()
    {
        using var admission = Create(limits => limits.MaxSessionsPerAddress = 1);
        Assert.NotNull(admission.TryAdmit(IPAddress.Parse("2001:db8:1:2::1")).Lease);
        Assert.Null(admission.TryAdmit(IPAddress.Parse("2001:db8:1:2:ffff::9")).Lease);
        Assert.NotNull(admission.TryAdmit(IPAddress.Parse("2001:db8:1:3::1")).Lease);
    }

    [Fact]
    public void TooManyStarts_Are429()
    {
        using var admission = Create(limits => limits.SessionStartsPerMinute = 2);
        admission.TryAdmit(Here).Lease!.Dispose();
        admission.TryAdmit(Here).Lease!.Dispose();
        Assert.Equal(429, admission.TryAdmit(Here).Refusal!.Status);
        Assert.NotNull(admission.TryAdmit(There).Lease);
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
            var (lease, _) = admission.TryAdmit(Here);
            if (lease is null)
                return;
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Interlocked.Decrement(ref inside);
            lease.Dispose();
        });
        Assert.InRange(most, 1, 10);
        for (int i = 0; i < 10; i++)
            Assert.NotNull(admission.TryAdmit(Here).Lease);
        Assert.Null(admission.TryAdmit(Here).Lease);
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
        return new SessionAdmission(new FixedOptions<LimitsOptions>(limits));
    }
}
