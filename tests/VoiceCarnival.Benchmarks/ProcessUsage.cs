using System.Globalization;

namespace VoiceCarnival.Benchmarks;

/// <summary>What a process has used so far, read from <c>/proc</c>.</summary>
/// <param name="Processor">Processor time, user and system.</param>
/// <param name="ResidentBytes">Memory in RAM now.</param>
/// <param name="Threads">Threads now.</param>
/// <param name="OpenFiles">Open files and sockets now.</param>
internal readonly record struct ProcessUsage(TimeSpan Processor, long ResidentBytes, int Threads, int OpenFiles)
{
    // USER_HZ, which Linux fixes at 100 for what it shows to programs.
    private const int TicksPerSecond = 100;

    /// <summary>Null when the process is gone, or this is not Linux.</summary>
    public static ProcessUsage? Read(int processId)
    {
        try
        {
            // The second field, the name, may hold spaces; the fields after its bracket are counted.
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);

            string resident = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            long kibibytes = long.Parse(resident["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture);
            return new(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), kibibytes * 1024, int.Parse(fields[17], CultureInfo.InvariantCulture),
                Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count());
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
