using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio;

/// <summary>Memory that the C library keeps, outside of the collector's.</summary>
public static partial class NativeHeap
{
    /// <summary>Gives what was freed back to the system, which the GNU C library keeps otherwise in case that it is wanted again; elsewhere nothing is done.</summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not the GNU C library; others do so by themselves.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
