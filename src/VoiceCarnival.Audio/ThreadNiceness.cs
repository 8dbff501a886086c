using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio;

/// <summary>How far a thread that computes for long steps back for those that move audio (<c>nice</c>, which on Linux is of the calling thread alone).</summary>
public static partial class ThreadNiceness
{
    /// <summary>Raises the calling thread's niceness; elsewhere than on Linux nothing is done.</summary>
    public static void StepBack(int by)
    {
        if (OperatingSystem.IsLinux())
            _ = Nice(by);
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Nice(int by);
}
