using System.Net;
using VoiceCarnival.Transports.WebRtc.Dtls;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class HandshakeThreadsTests
{
    [Fact]
    public void NoMoreThanAllowed_RunAtATime_AndAllHaveTheirTurn()
    {
        var threads = new HandshakeThreads(3);
        using var gate = new ManualResetEventSlim();
        using var done = new CountdownEvent(20);
        int running = 0, most = 0;
        for (int i = 0; i < 20; i++)
        {
            threads.Run(new IPAddress(i), () =>
            {
                int now = Interlocked.Increment(ref running);
                for (int seen = most; now > seen; seen = most)
                    Interlocked.CompareExchange(ref most, now, seen);
                gate.Wait();
                Interlocked.Decrement(ref running);
                done.Signal();
            });
        }

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref running) == 3, TimeSpan.FromSeconds(30)));
        Assert.Equal(3, threads.Count);
        gate.Set();
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(3, most);
    }

    [Fact]
    public void WhoBeginsManyAndEndsNone_LeavesThreadsToOthers()
    {
        var threads = new HandshakeThreads(8);
        var (rude, polite) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        using var gate = new ManualResetEventSlim();
        using var served = new CountdownEvent(5);
        using var done = new CountdownEvent(20);
        for (int i = 0; i < 20; i++)
        {
            threads.Run(rude, () =>
            {
                gate.Wait();
                done.Signal();
            });
        }

        for (int i = 0; i < 5; i++)
            threads.Run(polite, () => served.Signal());

        Assert.True(served.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(20, done.CurrentCount);
        gate.Set();
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void OneThread_IsEnoughForTheRehearsal() => DtlsRehearsal.Run(new DtlsIdentity(TimeProvider.System), new HandshakeThreads(1));

    [Fact]
    public void ThreadsThatAreFree_AreUsedAgain()
    {
        var threads = new HandshakeThreads(8);
        for (int i = 0; i < 50; i++)
        {
            using var done = new ManualResetEventSlim();
            threads.Run(IPAddress.Loopback, done.Set);
            Assert.True(done.Wait(TimeSpan.FromSeconds(30)));
        }

        Assert.InRange(threads.Count, 1, 8);
    }
}
