using System.Globalization;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Server.Hosting;

/// <summary>
/// Lets the runtime's background compiler stand back. What is used often is compiled anew, some thousand methods in the first seconds of a load, and on few processors that
/// takes turns with audio: of a hundred calls a second, the slowest percent waited 22 to 74 ms, and 12 to 26 with this, in five runs each. Linux alone gives each thread a priority of its own to lower.
/// The thread has to live on, see the project's <c>BackgroundWorkerTimeoutMs</c>.
/// </summary>
internal sealed partial class CompilerPriority(TimeProvider time) : BackgroundService
{
    private const string ThreadName = ".NET Tiered Com"; // as much of it as the kernel keeps
    private const int OfThread = 0; // PRIO_PROCESS, which means a thread where a thread's number is given
    private const int Nice = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var timer = new PeriodicTimer(Interval, time);
        long start = time.GetTimestamp();
        try
        {
            // It begins with the first method that has been used often.
            while (!TryLower() && time.GetElapsedTime(start) < Patience)
                await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }

    private static bool TryLower()
    {
        try
        {
            foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
            {
                if (File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() == ThreadName)
                    return SetPriority(OfThread, int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), Nice) == 0;
            }

            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a thread that ended meanwhile
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            return true; // another C library; nothing is lost
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
