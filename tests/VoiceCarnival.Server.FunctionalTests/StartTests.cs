using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Server.Hosting;
using VoiceCarnival.Server.Options;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>The server as its own process: exit code, messages, addresses.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WrongSettings_AreAllListedAndTheProcessExits()
    {
        var (code, error) = await RunAsync([], ("VoiceCarnival__Limits__MaxSessions", "0"), ("VoiceCarnival__Limits__MaxIdleSeconds", "soon"),
            ("VoiceCarnival__Limts__MaxSessions", "5"), ("VoiceCarnival__Engine", "openai"), ("VoiceCarnival__Access__AllowedOrigins__0", "app.example.com"),
            ("VoiceCarnival__Access__ApiKeys__0__Key", "very-secret-but-nameless"));
        Assert.Equal(1, code);
        Assert.Contains("VoiceCarnival:Limits:MaxIdleSeconds must be a whole number (is 'soon')", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Limits:MaxSessions must be between 1 and 1000000 (is 0)", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Limts is not a setting; did you mean VoiceCarnival:Limits?", error, StringComparison.Ordinal);
        Assert.Contains("- VoiceCarnival:OpenAI:ApiKey (or the environment variable OPENAI_API_KEY) is missing", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Access:AllowedOrigins:0 must be an origin", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Access:ApiKeys:0:Name is missing", error, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PhoneAgentsThatNoCallWouldReach_StopTheStart()
    {
        const string Sip = "VoiceCarnival__Sip__";
        var (code, error) = await RunAsync([], (Sip + "Agents__0__Name", "desk"), (Sip + "Agents__0__Brain", "chat"), (Sip + "Agents__1__Name", "Desk"), (Sip + "Agents__1__Voice", "zz"),
            (Sip + "Agents__2__Name", "shop"), (Sip + "Agents__2__Tools", """[{"type":"function"}]"""), (Sip + "Accounts__0__User", "ann"), (Sip + "Accounts__0__Password", "x"),
            (Sip + "Accounts__1__User", "ann"), (Sip + "Accounts__1__Password", "y"));
        Assert.Equal(1, code);
        Assert.Contains("VoiceCarnival:Sip:Agents has 'desk' 2 times", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Sip:Accounts has 'ann' 2 times", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Sip:Agents:0:Brain is 'chat', but this server has echo, concierge; 'chat' needs VoiceCarnival:Local:ChatModel", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Sip:Agents:1:Voice: Invalid value: 'zz'", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Sip:Agents:2:Tools: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressInUse_IsToldInOneSentence()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        string address = "http://" + taken.LocalEndpoint;
        using var process = Start([], [("ASPNETCORE_URLS", address)]);
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"VoiceCarnival cannot start: Failed to bind to address {address}", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void ToldToStopWhileStarting_IsNoFault()
    {
        // What the host makes of SIGTERM before all of its services have started.
        var stopped = new TaskCanceledException();
        Assert.True(StartProblem.IsExpected(stopped));
        Assert.Equal("VoiceCarnival was told to stop before it had started.", StartProblem.Describe(stopped));
    }

    [Fact]
    public async Task SipPortInUse_IsToldInOneSentence_WhereItWasAskedFor()
    {
        using var taken = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        int port = ((System.Net.IPEndPoint)taken.Client.LocalEndPoint!).Port;
        using var process = Start([], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("VoiceCarnival__Sip__Enabled", "true"), ("VoiceCarnival__Sip__Port", $"{port}")]);
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"VoiceCarnival cannot start: VoiceCarnival:Sip: 127.0.0.1 port {port} cannot be opened", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("ASPNETCORE_Kestrel__Certificates__Default__Path", "not-a-certificate.pem")]
    public async Task HttpsWithoutACertificate_IsToldInOneSentence(string key, string file)
    {
        string home = Directory.CreateTempSubdirectory("no-certificate").FullName;
        try
        {
            string path = Path.Combine(home, file.Length > 0 ? file : "unused");
            await File.WriteAllTextAsync(path, "not a certificate");
            using var process = Start([], [("ASPNETCORE_URLS", "https://127.0.0.1:0"), ("HOME", home), ("DOTNET_CLI_HOME", home), (key.Length > 0 ? key : "UNUSED", path)]);
            var output = process.StandardOutput.ReadToEndAsync();
            string error = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.Equal(1, process.ExitCode);
            Assert.StartsWith("VoiceCarnival cannot start: an https address needs a certificate.", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("Microsoft.AspNetCore.Server.Kestrel", await output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Fact]
    public async Task UnknownEngine_ListsTheKnownOnes()
    {
        var (code, error) = await RunAsync(["--VoiceCarnival:Engine=robot"]);
        Assert.Equal(1, code);
        Assert.Contains("VoiceCarnival:Engine must be one of auto, openai, local (is 'robot')", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnLinux_TheBackgroundCompilerStandsBack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere threads have no such priority.");
        using var process = Start([], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("VoiceCarnival__Sip__Enabled", "false")]);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            long start = Stopwatch.GetTimestamp();
            while (CompilersNiceness(process.Id) != 10 && Stopwatch.GetElapsedTime(start) < Patience)
                await Task.Delay(50);
            Assert.Equal(10, CompilersNiceness(process.Id));
        }
        finally
        {
            process.Kill();
        }
    }

    // Field 19 of proc_pid_stat(5), counted from behind the name, which may have spaces.
    private static int? CompilersNiceness(int process)
    {
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            try
            {
                string stat = File.ReadAllText(Path.Combine(thread, "stat"));
                if (stat.Contains("(.NET Tiered Com", StringComparison.Ordinal))
                    return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return null;
    }

    [Theory]
    [InlineData("off", "Anyone who reaches http://0.0.0.0:")]
    [InlineData("required", "Nobody can use this server from another machine at http://0.0.0.0:")]
    public async Task OpenAddress_IsWarnedAbout(string authentication, string warning)
    {
        using var process = Start([], [("ASPNETCORE_URLS", "http://0.0.0.0:0"), ("VoiceCarnival__Access__Authentication", authentication)]);
        try
        {
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
            {
                lines.Add(line);
                if (line.Contains("Application started", StringComparison.Ordinal))
                    break;
            }

            Assert.Contains(lines, line => line.Contains(warning, StringComparison.Ordinal));
        }
        finally
        {
            process.Kill();
        }
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:0", "http://0.0.0.0:0")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "0", "http://*:0")]
    public async Task OpenAddress_NeedsTheChoiceWhoMayCall(string name, string value, string address)
    {
        var (code, error) = await RunAsync([], (name, value));
        Assert.Equal(1, code);
        Assert.Contains("VoiceCarnival:Access:Authentication has to be chosen, since other machines can reach " + address, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5080;http://127.0.0.1:1", null)]
    [InlineData("http://[::1]:5080", null)]
    [InlineData("http://unix:/run/voice.sock", null)]
    [InlineData("http://localhost:1;https://*:2", "https://*:2")]
    [InlineData("http://+:80", "http://+:80")]
    [InlineData("http://[::]:80", "http://[::]:80")]
    [InlineData("http://192.0.2.1:80", "http://192.0.2.1:80")]
    [InlineData("http://voice.example.com", "http://voice.example.com")]
    [InlineData("", "https://*:443", "https_ports", "443")]
    [InlineData("", "http://0.0.0.0:1", "Kestrel:Endpoints:A:Url", "http://0.0.0.0:1")]
    [InlineData("http://0.0.0.0:1", null, "Kestrel:Endpoints:A:Url", "http://localhost:1")]
    public void OpenAddress_IsKnownBeforeTheServerListens(string urls, string? open, string? key = null, string? value = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("urls", urls), new(key ?? "none", value)]).Build();
        string? problem = ListenAddresses.FindProblem(configuration, new AccessOptions());
        Assert.Equal(open is not null, problem is not null);
        Assert.Contains(open ?? "", problem ?? "", StringComparison.Ordinal);
        Assert.Null(ListenAddresses.FindProblem(configuration, new AccessOptions { Authentication = AuthenticationMode.Off }));
        Assert.Null(ListenAddresses.FindProblem(configuration, new AccessOptions { Authentication = AuthenticationMode.Required }));
        Assert.Null(ListenAddresses.FindProblem(configuration, new AccessOptions { ApiKeys = [new ApiKeyOptions { Name = "a" }] }));
        Assert.Null(ListenAddresses.FindProblem(configuration, new AccessOptions { Jwt = new JwtOptions { Authority = "https://id.example.com" } }));
    }

    [Fact]
    public async Task BrokenSettingsFile_IsToldWithoutATrace()
    {
        string folder = Directory.CreateTempSubdirectory("voicecarnival").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), "{ \"VoiceCarnival\": ");
            var (code, error) = await RunAsync(["--contentRoot=" + folder]);
            Assert.Equal(1, code);
            Assert.Contains("appsettings.json", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public async Task AddressThatIsNone_IsToldWithoutATrace()
    {
        var (code, error) = await RunAsync(["--urls=zzz"]);
        Assert.Equal(1, code);
        Assert.Contains("'zzz' is no address to listen on", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5080")]
    [InlineData("http://127.0.0.1:0", "ASPNETCORE_URLS", "http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0", "--urls", "http://127.0.0.1:0")]
    [InlineData("http://[::]:0", "ASPNETCORE_HTTP_PORTS", "0")]
    [InlineData("", "Kestrel__Endpoints__Main__Url", "http://127.0.0.1:0")]
    public void DefaultUrl_GivesWayToEveryOther(string urls, string? name = null, string? value = null)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal);
        string[] arguments = [];
        if (name is not null && name.StartsWith("--", StringComparison.Ordinal))
            arguments = [name, value!];
        else if (name is not null)
            environment[name] = value;
        string?[] before = [.. environment.Keys.Select(Environment.GetEnvironmentVariable)];
        WebApplicationBuilder builder;
        try
        {
            foreach (var (key, set) in environment)
                Environment.SetEnvironmentVariable(key, set);
            builder = WebApplication.CreateBuilder(arguments);
        }
        finally
        {
            foreach (var (key, old) in environment.Keys.Zip(before))
                Environment.SetEnvironmentVariable(key, old);
        }

        builder.AddDefaultUrl();
        string? http = builder.Configuration["http_ports"] is { } ports ? $"http://[::]:{ports}" : "";
        Assert.Equal(urls, builder.Configuration["urls"] ?? http);
    }

    [Fact]
    public void OpenAIVariables_CountLessThanOurOwnAndMoreThanFiles()
    {
        var builder = WebApplication.CreateBuilder([
            "--OPENAI_API_KEY=from-sdk-variable", "--OPENAI_BASE_URL=http://other/v1", "--VoiceCarnival:OpenAI:BaseUrl=http://ours/v1"]);
        builder.AddOpenAIEnvironment();
        var options = builder.Configuration.GetSection("VoiceCarnival:OpenAI").Get<OpenAIOptions>()!;
        Assert.Equal("from-sdk-variable", options.ApiKey.Reveal());
        Assert.Equal("***", options.ApiKey.ToString());
        Assert.Equal("http://ours/v1", options.BaseUrl);
    }

    [Fact]
    public void SettingsFile_NamesEveryOptionWithItsDefault()
    {
        using var gateway = new Gateway();
        foreach (var section in gateway.Services.GetServices<SettingsSection>())
        {
            object defaults = Activator.CreateInstance(section.OptionsType)!;
            object fromFile = section.Section.Get(section.OptionsType) ?? defaults;
            foreach (var property in section.OptionsType.GetProperties().Where(p => p.CanWrite))
            {
                Assert.Contains(section.Section.GetChildren(), child => child.Key == property.Name);
                Assert.Equal(property.GetValue(defaults)?.ToString() ?? "", property.GetValue(fromFile)?.ToString() ?? "");
            }
        }
    }

    private static async Task<(int Code, string Error)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        await output;
        return (process.ExitCode, error);
    }

    private static Process Start(string[] arguments, (string Name, string Value)[] environment)
    {
        string dll = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [dll, .. arguments])
        {
            WorkingDirectory = Gateway.RepositoryRoot,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "OPENAI_API_KEY" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
