using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>A telephone program as a process of its own, in a folder of its own.</summary>
internal abstract class PhoneProgram : IAsyncDisposable
{
    private readonly StringBuilder _log = new();
    private Process? _process;

    /// <summary>Where its files are.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("phone-").FullName;

    /// <summary>Its certificate, PEM, which is its own authority; where it has one.</summary>
    public string CertificatePath => Path.Combine(Folder, "public.pem");

    /// <summary>What it has said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Skips the test where a program is not installed.</summary>
    public static void Require(string program) =>
        Assert.SkipUnless(new[] { "/usr/bin", "/usr/sbin", "/usr/local/bin" }.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not installed here.");

    /// <summary>A UDP and TCP port of 127.0.0.1 that was free a moment ago, and the next one, too.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
            try
            {
                using var tcp = new TcpListener(IPAddress.Loopback, port);
                tcp.Start();
                using var next = new TcpListener(IPAddress.Loopback, port + 1);
                next.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another.
            }
        }
    }

    /// <summary>Waits until it has said something.</summary>
    public async Task SaysAsync(string text, int seconds = 60)
    {
        for (int i = 0; i < seconds * 20; i++)
        {
            if (Log.Contains(text, StringComparison.Ordinal))
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"It never said \"{text}\":\n{Log}");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndsAsync(int seconds = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await _process!.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It goes on and on:\n{Log}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Ends it, as a user would: it hangs up, takes its registration back, and finishes its files.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            Terminate(_process.Id);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
    }

    protected void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Folder };
        start.Environment["HOME"] = Folder;
        start.Environment["TERM"] = "dumb";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Makes it a certificate for 127.0.0.1: <c>public.pem</c>, <c>key.pem</c>, and both in <c>cert.pem</c>.</summary>
    protected void MakeCertificate()
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl",
        [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", $"{Folder}/key.pem", "-out", $"{Folder}/public.pem", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        { UseShellExecute = false, RedirectStandardError = true })!;
        openssl.StandardError.ReadToEnd();
        openssl.WaitForExit();
        File.WriteAllText($"{Folder}/cert.pem", File.ReadAllText($"{Folder}/public.pem") + File.ReadAllText($"{Folder}/key.pem"));
    }

    /// <summary>Types a line into it.</summary>
    protected void Type(string line) => _process!.StandardInput.WriteLine(line);

    private static void Terminate(int id)
    {
        using var kill = Process.Start("kill", ["-TERM", id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Note(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
