using System.ComponentModel;

namespace VoiceCarnival.Sockets;

/// <summary>The loops of the process, made when the first is needed. A system that has no descriptors for them is asked again the next time.</summary>
/// <param name="count">How many.</param>
/// <param name="make">Makes one.</param>
internal sealed class LoopSet(int count, Func<SocketLoop> make)
{
    private readonly Lock _gate = new();
    private SocketLoop[] _loops = [];
    private uint _next;

    /// <summary>One after the other; those that there are, when there could not be more.</summary>
    /// <exception cref="Win32Exception">There is none yet, and none can be made now.</exception>
    public SocketLoop Next()
    {
        var loops = Volatile.Read(ref _loops);
        if (loops.Length < count)
            loops = Complete();
        return loops[Interlocked.Increment(ref _next) % (uint)loops.Length];
    }

    private SocketLoop[] Complete()
    {
        lock (_gate)
        {
            try
            {
                while (_loops.Length < count)
                    Volatile.Write(ref _loops, [.. _loops, make()]);
            }
            catch (Win32Exception) when (_loops.Length > 0)
            {
                // Some will do for now.
            }

            return _loops;
        }
    }
}
