namespace VoiceCarnival.Benchmarks.Load;

/// <summary>What the load is.</summary>
internal sealed record LoadOptions
{
    public int Sessions { get; init; }

    public TimeSpan Duration { get; init; }

    public LoadAudio Audio { get; init; }

    public string Model { get; init; } = "";

    /// <summary>A WAV file of 24 kHz that each caller says over and over, with room for an answer as long; null for the sound of a quiet room.</summary>
    public string? Speech { get; init; }

    /// <summary>Events that each session sends once its session was created.</summary>
    public IReadOnlyList<string> Say { get; init; } = [];

    public int Probes { get; init; }

    /// <summary>A running server; null starts one.</summary>
    public Uri? Url { get; init; }

    public int? ProcessId { get; init; }

    public string? ServerFolder { get; init; }

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool JsonOnly { get; init; }

    public static LoadOptions Parse(string[] args)
    {
        var line = new Arguments(args, ["sessions", "seconds", "audio", "model", "say", "speech", "probes", "server", "env", "url", "pid"], ["json"]);
        var url = line.Text("url") is { } text ? new Uri(text) : null;
        // This makes load: it must never reach a machine that is not ours.
        if (url is not null && (url.Host != "127.0.0.1" || url.Scheme is not ("ws" or "http")))
        {
            throw new UsageException("--url must be ws://127.0.0.1:PORT; load goes to this machine only.");
        }

        string? say = line.Text("say"), speech = line.Text("speech");
        if (new[] { say, speech }.FirstOrDefault(file => file is not null && !File.Exists(file)) is { } missing)
        {
            throw new UsageException($"There is no file {missing}.");
        }

        return new LoadOptions
        {
            Sessions = line.Number("sessions", otherwise: 200, minimum: 1, maximum: 20000),
            Duration = TimeSpan.FromSeconds(line.Number("seconds", otherwise: 30, minimum: 1, maximum: 3600)),
            Audio = Enum.TryParse<LoadAudio>(line.Text("audio") ?? "binary", ignoreCase: true, out var audio) && Enum.IsDefined(audio)
                ? audio
                : throw new UsageException("--audio must be binary, base64 or none."),
            Model = line.Text("model") ?? "gpt-realtime",
            Speech = speech,
            Say = say is null ? [] : [.. File.ReadLines(say).Where(json => !string.IsNullOrWhiteSpace(json))],
            Probes = line.Number("probes", otherwise: 20, minimum: 0, maximum: 1000),
            Url = url,
            ProcessId = line.Text("pid") is null ? null : line.Number("pid", otherwise: 0, minimum: 1, maximum: int.MaxValue),
            ServerFolder = line.Text("server"),
            Settings = line.Settings("env"),
            JsonOnly = line.Flag("json"),
        };
    }
}
