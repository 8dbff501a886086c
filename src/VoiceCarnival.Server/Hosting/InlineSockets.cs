using Microsoft.AspNetCore.Connections;
using VoiceCarnival.Transports.Listening;

namespace VoiceCarnival.Server.Hosting;

/// <summary>
/// Work on a socket's data is done where the data arrives. A voice frame needs microseconds of work, and handing it from thread to thread costs more than
/// that (the relay benchmark measures it). In return nothing that serves a request may block.
/// </summary>
internal static class InlineSockets
{
    private const string Completions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the first socket is made; an operator's own choice in the environment counts.</summary>
    public static void AddInlineSockets(this WebApplicationBuilder builder)
    {
        // The runtime reads this once, at the first socket, and knows no other way to be told.
        if (Environment.GetEnvironmentVariable(Completions) is null)
            Environment.SetEnvironmentVariable(Completions, "1");
        builder.WebHost.UseSockets(options =>
        {
            options.UnsafePreferInlineScheduling = Environment.GetEnvironmentVariable(Completions) == "1";
            // A look whether there is something to read, before each read, saves an idle connection 4 kB and costs a busy one a system call per frame.
            options.WaitForDataBeforeAllocatingBuffer = false;
        });
        // Comes before the above for what it can listen on.
        builder.Services.AddSingleton<IConnectionListenerFactory, LoopListenerFactory>();
    }
}
