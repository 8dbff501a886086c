using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>
/// Keeps tests off the threads of their sockets. The server asks the runtime to go on there, which it may since it never blocks; a test that starts another server
/// does block, for seconds on a busy machine, and would hold up the sockets of all tests that run beside it.
/// </summary>
internal static class SocketThreads
{
    // The runtime looks once, at its first asynchronous socket, for what the server will have asked by the time of the first test.
    [ModuleInitializer]
    internal static void Settle()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = listener.AcceptSocketAsync();
    }
}
