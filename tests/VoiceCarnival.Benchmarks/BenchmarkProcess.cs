using System.Diagnostics;

namespace VoiceCarnival.Benchmarks;

/// <summary>This program started once more with another command, so that what it does is not counted with what is measured.</summary>
internal sealed class BenchmarkProcess : IAsyncDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(120);
    private readonly Process _process;

    private BenchmarkProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="isLean">Sockets complete inline: the process takes little from the processors and adds little to the latencies.</param>
    public static BenchmarkProcess Start(bool isLean, params string[] arguments)
    {
        string program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(BenchmarkProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. host, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (isLean)
        {
            start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
            start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        }

        return new BenchmarkProcess(Process.Start(start)!);
    }

    /// <summary>Writes a line to the process and waits for its one line of answer.</summary>
    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadLineAsync();
    }

    /// <summary>The next line that the process writes.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var limit = new CancellationTokenSource(AnswerLimit);
        return await _process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new UsageException("A process of the benchmark ended early.");
    }

    public ValueTask DisposeAsync()
    {
        // Its end of standard input would do, but nothing of it is worth waiting for.
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
