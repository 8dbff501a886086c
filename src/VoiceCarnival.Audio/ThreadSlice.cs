using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio;

/// <summary>
/// How long a thread runs before another one's turn comes. Linux from 6.12 on lets who asks for little at a time run sooner when it wakes, without taking more in all (sched(7),
/// sched_setattr(2); EEVDF); no privilege is needed. Older kernels and other systems take no notice.
/// </summary>
public static partial class ThreadSlice
{
    /// <summary>Asks for the calling thread's slice; the kernel keeps it between 0.1 and 100 ms.</summary>
    public static void Ask(TimeSpan slice)
    {
        (int get, int set) = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (315, 314),
            Architecture.Arm64 => (275, 274),
            _ => default,
        };
        if (!OperatingSystem.IsLinux() || get == 0)
            return;
        // All else stays as it is, the niceness above all, which the call would set, too.
        var attributes = new Attributes { Size = (uint)Marshal.SizeOf<Attributes>() };
        if (Call(get, 0, ref attributes, attributes.Size, 0) != 0)
            return;
        attributes.Runtime = (ulong)slice.TotalNanoseconds;
        _ = Call(set, 0, ref attributes, 0, 0);
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint thread, ref Attributes attributes, nuint sizeOrFlags, nuint flags);

    // struct sched_attr, as it was first.
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
