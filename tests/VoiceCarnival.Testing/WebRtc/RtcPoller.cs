using VoiceCarnival.Audio;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>
/// Reads the sockets of many peers on one thread, all of them every few milliseconds: a thread for each would have the system change threads with each packet, which is what a load
/// on this machine takes from the server that it is meant to measure. Arrivals are stamped by the system, so nothing is lost by looking late.
/// </summary>
internal sealed class RtcPoller
{
    private const int Niceness = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(4);
    private static readonly Lazy<RtcPoller> Shared = new(() => new RtcPoller());
    private volatile (RtcSocket Socket, RtcSocket.Taker Taker)[] _sockets = [];

    private RtcPoller() => new Thread(Run) { IsBackground = true, Name = "rtc peers" }.Start();

    public static void Add(RtcSocket socket, RtcSocket.Taker taker)
    {
        var shared = Shared.Value;
        lock (shared)
            shared._sockets = [.. shared._sockets, (socket, taker)];
    }

    private void Run()
    {
        ThreadNiceness.StepBack(Niceness);
        while (true)
        {
            foreach (var (socket, taker) in _sockets)
            {
                if (socket.TakeWaiting(taker))
                    continue;
                lock (this)
                    _sockets = [.. _sockets.Where(known => known.Socket != socket)];
            }

            Thread.Sleep(Interval);
        }
    }
}
