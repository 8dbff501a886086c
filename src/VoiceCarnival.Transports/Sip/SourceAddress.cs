using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Sends a datagram from one of several addresses of a socket, which .NET has no call for: <c>sendmsg</c> with <c>IP_PKTINFO</c> or <c>IPV6_PKTINFO</c>
/// (Linux ip(7), ipv6(7)).
/// </summary>
internal static unsafe partial class SourceAddress
{
    private const int Ip = 0, PacketInfo = 8;
    private const int Ipv6 = 41, PacketInfo6 = 50;
    private const int HeaderLength = 16; // of a control message, on 64-bit systems

    /// <summary>Sends.</summary>
    /// <returns>False where the system has no such call or would not take the address: the datagram was not sent.</returns>
    public static bool TrySend(Socket socket, ReadOnlySpan<byte> datagram, IPEndPoint to, IPAddress from)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || from.AddressFamily != to.AddressFamily)
            return false;
        bool isFour = from.AddressFamily == AddressFamily.InterNetwork;
        var target = to.Serialize();
        byte* control = stackalloc byte[48];
        int used = Write(new Span<byte>(control, 48), from, isFour);
        fixed (byte* bytes = datagram)
        fixed (byte* name = target.Buffer.Span)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)datagram.Length };
            var message = new Message { Name = name, NameLength = (uint)target.Size, Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)used };
            return SendMessage((int)socket.Handle, &message, 0) == datagram.Length;
        }
    }

    // cmsghdr, then in_pktinfo { ifindex, spec_dst, addr } or in6_pktinfo { addr, ifindex }.
    private static int Write(Span<byte> control, IPAddress from, bool isFour)
    {
        control.Clear();
        int length = HeaderLength + (isFour ? 12 : 20);
        BinaryPrimitives.WriteUInt64LittleEndian(control, (ulong)length);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], isFour ? Ip : Ipv6);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], isFour ? PacketInfo : PacketInfo6);
        from.TryWriteBytes(control[(HeaderLength + (isFour ? 4 : 0))..], out _);
        return (length + 7) & ~7;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static partial nint SendMessage(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
