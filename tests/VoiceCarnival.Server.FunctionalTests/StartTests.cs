using System.Diagnostics;

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
        Assert.Contains("VoiceCarnival:Engine is openai, but this build has only the local engine", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Access:AllowedOrigins:0 must be an origin", error, StringComparison.Ordinal);
        Assert.Contains("VoiceCarnival:Access:ApiKeys:0:Name is missing", error, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownEngine_ListsTheKnownOnes()
    {
        var (code, error) = await RunAsync(["--VoiceCarnival:Engine=robot"]);
        Assert.Equal(1, code);
        Assert.Contains("VoiceCarnival:Engine must be one of auto, openai, local (is 'robot')", error, StringComparison.Ordinal);
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
            WorkingDirectory = Gateway.RepositoryRoot, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (string name in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "OPENAI_API_KEY" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
