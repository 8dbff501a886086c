using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>When a datagram came to this machine, by the kernel's stamp: how late its reader is does not count. By the reader's own clock where there is no such stamp.</summary>
public sealed partial class ArrivalClock(Socket socket)
{
    // The stamp of the datagram that was read last (socket(7)); the first question makes the kernel stamp what comes from then on.
    private const nuint LastStamp = 0x8907; // SIOCGSTAMPNS
    private readonly bool _hasStamps = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>When the datagram came that was read last, from 1970.</summary>
    public unsafe TimeSpan Last
    {
        get
        {
            long* stamp = stackalloc long[2];
            return _hasStamps && ControlDevice((int)socket.Handle, LastStamp, stamp) == 0
                ? TimeSpan.FromSeconds(stamp[0]) + TimeSpan.FromMicroseconds(stamp[1] / 1000.0)
                : DateTime.UtcNow - DateTime.UnixEpoch;
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static unsafe partial int ControlDevice(int file, nuint request, long* argument);
}
