namespace VoiceCarnival.Testing;

/// <summary>Measures what code allocates on the calling thread.</summary>
public static class Allocations
{
    private const int Rounds = 10;

    /// <summary>
    /// The least bytes that one of several runs allocated. A single run is no proof: a collection that another thread causes in the middle of it counts the
    /// unused rest of this thread's allocation buffer, some kilobytes, as allocated. Code that does allocate does so in every run.
    /// </summary>
    public static long Least(Action run)
    {
        run();
        long least = long.MaxValue;
        for (int i = 0; i < Rounds && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
