using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Sockets;

/// <summary>What Linux offers for sockets that never block: readiness (epoll(7)) and the calls that follow it.</summary>
internal static unsafe partial class Epoll
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HungUp = 0x010;
    public const uint PeerClosed = 0x2000;
    public const uint OnChange = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const int NoSignal = 0x4000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int InProgress = 115;

    /// <summary>Linux on the processors whose epoll_event is known here.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64 && Works();

    // The kernel packs it on x64 only.
    public static int EventSize { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static int DataOffset => EventSize - sizeof(long);

    public static int Create()
    {
        int epoll = EpollCreate(CloseOnExec);
        return epoll >= 0 ? epoll : throw new Win32Exception();
    }

    public static void Register(int epoll, int socket, uint events, long data)
    {
        byte* e = stackalloc byte[EventSize];
        *(uint*)e = events;
        Marshal.WriteInt64((nint)(e + DataOffset), data);
        if (EpollControl(epoll, Add, socket, e) != 0)
            throw new Win32Exception();
    }

    public static void Forget(int epoll, int socket)
    {
        byte* e = stackalloc byte[EventSize];
        _ = EpollControl(epoll, Delete, socket, e);
    }

    /// <summary>Waits for events.</summary>
    /// <param name="epoll">Where.</param>
    /// <param name="buffer">Room for a whole number of them.</param>
    /// <param name="isPatient">False to take only what has happened by now.</param>
    /// <returns>How many came.</returns>
    public static int Wait(int epoll, Span<byte> buffer, bool isPatient)
    {
        fixed (byte* events = buffer)
        {
            int count = EpollWait(epoll, events, buffer.Length / EventSize, isPatient ? -1 : 0);
            return count >= 0 ? count : Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw new Win32Exception();
        }
    }

    public static (uint Events, long Data) EventAt(ReadOnlySpan<byte> buffer, int index)
    {
        var e = buffer.Slice(index * EventSize, EventSize);
        return (MemoryMarshal.Read<uint>(e), MemoryMarshal.Read<long>(e[DataOffset..]));
    }

    /// <summary>Bytes received; 0 at the end; null when there is nothing now.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public static int? Receive(int socket, Span<byte> buffer)
    {
        while (true)
        {
            nint received;
            fixed (byte* bytes = buffer)
                received = Receive(socket, bytes, buffer.Length, 0);
            if (received >= 0)
                return (int)received;
            int error = Marshal.GetLastPInvokeError();
            if (error == TryAgain)
                return null;
            if (error != Interrupted)
                throw Broken(error);
        }
    }

    /// <summary>Bytes that the system took; null when it takes none now.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public static int? Send(int socket, ReadOnlySpan<byte> buffer)
    {
        while (true)
        {
            nint sent;
            fixed (byte* bytes = buffer)
                sent = Send(socket, bytes, buffer.Length, NoSignal);
            if (sent >= 0)
                return (int)sent;
            int error = Marshal.GetLastPInvokeError();
            if (error == TryAgain)
                return null;
            if (error != Interrupted)
                throw Broken(error);
        }
    }

    /// <summary>Begins to connect. The socket becomes writable when that is done; its error tells how.</summary>
    /// <returns>True when it is done already.</returns>
    public static bool Connect(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            if (Connect(socket, bytes, address.Length) == 0)
                return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is InProgress or Interrupted ? false : throw Broken(error);
    }

    private static IOException Broken(int error) => new(new Win32Exception(error).Message, new Win32Exception(error));

    // A sandbox may forbid it.
    private static bool Works()
    {
        try
        {
            int epoll = EpollCreate(CloseOnExec);
            return epoll >= 0 && Close(epoll) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int socket, byte* e);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, byte* events, int most, int timeout);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
