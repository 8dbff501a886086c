using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests;

/// <summary>A script of <c>node/</c> as a process of its own. It reports on its standard output, one JSON object a line; what it says elsewhere is a problem.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(100);
    private static readonly string Scripts = Path.Combine(ServerProcess.Root, "tests", "VoiceCarnival.Interop.Tests", "node");
    private readonly string _folder = Directory.CreateTempSubdirectory("interop-").FullName;

    /// <summary>Further variables of the script's environment.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it reported.</returns>
    public async Task<IReadOnlyList<JsonElement>> RunAsync(Uri baseUrl, TestCertificate certificate, params string[] arguments)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Scripts, "node_modules")), $"The clients are not installed. Run `npm ci` in {Scripts}, or tests/run.sh, which does.");
        string speech = Path.Combine(_folder, "speech.pcm");
        await File.WriteAllBytesAsync(speech, MemoryMarshal.AsBytes(Conversation.Hello.AsSpan()).ToArray());
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Scripts,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["NODE_EXTRA_CA_CERTS"] = certificate.PemPath;
        start.Environment["INTEROP_URL"] = baseUrl.ToString();
        start.Environment["INTEROP_SPEECH"] = speech;
        start.Environment["INTEROP_OUT"] = _folder;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"node {string.Join(' ', arguments)} did not end in time. It said:\n{await output}\n{await errors}");
        }

        Assert.True(process.ExitCode == 0 && (await errors).Length == 0, $"node {string.Join(' ', arguments)} ended with {process.ExitCode} and said:\n{await errors}\n{await output}");
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    /// <summary>The conversation that a script reported.</summary>
    public static Conversation ConversationOf(IReadOnlyList<JsonElement> report)
    {
        var conversation = new Conversation();
        foreach (var line in report)
        {
            if (Text(line, "problem") is { } problem)
                conversation.Problems.Add(problem);
            switch (Text(line, "step"))
            {
                case "session":
                    Assert.Equal("verse", Text(line, "voice"));
                    break;
                case "spoken":
                    conversation.Heard = Text(line, "heard");
                    conversation.Said = Text(line, "said");
                    conversation.SpokenAudio = File.ReadAllBytes(Text(line, "audio")!);
                    break;
                case "typed":
                    conversation.TypedAnswer = Text(line, "text");
                    break;
                case "tool":
                    conversation.ToolArguments = Text(line, "arguments");
                    conversation.ToolAnswer = Text(line, "text");
                    break;
                case "interrupted":
                    conversation.InterruptedStatus = Text(line, "status");
                    conversation.TruncatedAt = line.GetProperty("truncated").GetInt32();
                    break;
                case "answered":
                    conversation.LastStatus = Text(line, "status");
                    break;
            }
        }

        return conversation;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
