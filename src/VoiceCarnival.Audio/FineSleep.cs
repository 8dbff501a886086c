using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio;

/// <summary>Sleep to a fraction of a millisecond, where the runtime's own knows whole ones: what is due every few milliseconds would come up to one too late, and each time another.</summary>
public static partial class FineSleep
{
    /// <summary>Sleeps for a time, or for the next whole millisecond where the system has nothing finer. A signal may end it early.</summary>
    public static void For(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return;
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
            _ = Sleep(new Timespec(time.Ticks / TimeSpan.TicksPerSecond, time.Ticks % TimeSpan.TicksPerSecond * 100), 0);
        else
            Thread.Sleep((int)Math.Ceiling(time.TotalMilliseconds));
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in Timespec time, nint remaining);

    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
