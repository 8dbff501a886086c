using System.Runtime.InteropServices;
using VoiceCarnival.Audio;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Hosting;

/// <summary>
/// Gives back what the beginnings of sessions leave behind. Sessions allocate as they begin and next to nothing as they run, so nothing else would make the
/// collector look at that garbage, nor the C library at what the compiler freed: some 130 KiB a session at a hundred of them. Works in the calm after, as <see cref="UpkeepSchedule"/> has it.
/// </summary>
internal sealed partial class MemoryUpkeep(SessionDirectory sessions, TimeProvider time) : BackgroundService
{
    private const int ArenaMaximum = -8; // M_ARENA_MAX
    private const int Arenas = 2;
    private const int MapThreshold = -3; // M_MMAP_THRESHOLD
    private const int MappedFrom = 32 * 1024;

    /// <summary>
    /// To be called early. The GNU C library would give every thread a heap of its own, up to eight a processor, and the compiler, which works in pieces of 64 KiB, leaves holes
    /// in whichever it runs on: a third of what a hundred relayed sessions seemed to cost. Such pieces get pages of their own, which go back when they are freed.
    /// Little here allocates from it while sessions run.
    /// </summary>
    public static void LimitHeaps()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            if (Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is null)
                _ = SetOption(ArenaMaximum, Arenas);
            if (Environment.GetEnvironmentVariable("MALLOC_MMAP_THRESHOLD_") is null)
                _ = SetOption(MapThreshold, MappedFrom);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not the GNU C library; others have no such arenas.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(UpkeepSchedule.Interval, time);
        long start = time.GetTimestamp();
        var schedule = new UpkeepSchedule(GC.GetTotalAllocatedBytes());
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                TidyUp(schedule.Next(GC.GetTotalAllocatedBytes(), sessions.Count == 0, time.GetElapsedTime(start)));
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }

    private static void TidyUp(Upkeep upkeep)
    {
        if (upkeep == Upkeep.Nothing)
            return;
        if (upkeep == Upkeep.Young)
            GC.Collect(1, GCCollectionMode.Forced, blocking: true, compacting: true);
        else if (upkeep == Upkeep.Behind)
            GC.Collect(2, GCCollectionMode.Forced, blocking: false);
        else
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
