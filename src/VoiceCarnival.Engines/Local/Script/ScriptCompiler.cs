using System.Text.Json;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>Checks a script and makes its steps ready: files are read and tones made once, at start, so that a wrong script stops the start and a turn costs nothing.</summary>
public static class ScriptCompiler
{
    private const int MaxToneMs = 3_600_000;

    /// <summary>Returns the compiled script; <paramref name="problems"/> lists all that is wrong, each with its place.</summary>
    public static CompiledScript Compile(ScriptDocument document, List<string> problems)
    {
        var turns = new List<CompiledTurn>();
        if (HasNull(document.Connect, "connect", problems) | HasNull(document.Turns, "turns", problems) | HasNull(document.Timeline, "timeline", problems))
            return new CompiledScript(document, turns, []);
        for (int t = 0; t < document.Turns.Count; t++)
        {
            if (HasNull(document.Turns[t].Reply, $"turns[{t}].reply", problems))
                continue;
            var steps = new List<Func<AudioClip?, Random, ResponseStep>>();
            for (int s = 0; s < document.Turns[t].Reply.Count; s++)
            {
                if (Step(document, document.Turns[t].Reply[s], $"turns[{t}].reply[{s}]", problems) is { } step)
                    steps.Add(step);
            }

            turns.Add(new CompiledTurn(document.Turns[t].Heard, steps));
        }

        if (document.Turns.Count == 0)
            problems.Add("turns: at least one turn is needed.");
        for (int i = 0; i < document.Connect.Count; i++)
        {
            if (document.Connect[i].Status is < 400 or > 599)
                problems.Add($"connect[{i}].status: must be 400 to 599.");
            NotNegative(document.Connect[i].RetryAfterMs, $"connect[{i}].retry_after_ms", problems);
        }

        NotNegative(document.StartDelayMs, "start_delay_ms", problems);
        NotNegative(document.ExpireAfterMs, "expire_after_ms", problems);
        Pace(document.Pace, problems);

        var timeline = new List<(TimeSpan, ScriptFault)>();
        for (int i = 0; i < document.Timeline.Count; i++)
        {
            var entry = document.Timeline[i];
            NotNegative(entry.AtMs, $"timeline[{i}].at_ms", problems);
            if (Fault(entry.Fault, entry.Code, entry.Message, $"timeline[{i}]", problems) is { } fault)
                timeline.Add((TimeSpan.FromMilliseconds(entry.AtMs), fault));
        }

        return new CompiledScript(document, turns, timeline);
    }

    private static void Pace(ScriptPace pace, List<string> problems)
    {
        if (pace.Speed is { } speed && speed is not (>= 0.01 and <= 1000))
            problems.Add("pace.speed: must be 0.01 to 1000.");
        if (pace.DeltaMs is < 1 or > 10_000)
            problems.Add("pace.delta_ms: must be 1 to 10000.");
        if (pace.Burst is < 1)
            problems.Add("pace.burst: must be 1 or more.");
        NotNegative(pace.LeadMs, "pace.lead_ms", problems);
        NotNegative(pace.JitterMs, "pace.jitter_ms", problems);
    }

    private static void NotNegative(int? value, string place, List<string> problems)
    {
        if (value < 0)
            problems.Add($"{place}: must not be negative.");
    }

    // JSON allows null in a list whatever the type of its elements.
    private static bool HasNull<T>(IReadOnlyList<T> list, string place, List<string> problems)
        where T : class
    {
        int before = problems.Count;
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] is null)
                problems.Add($"{place}[{i}]: must not be null.");
        }

        return problems.Count > before;
    }

    private static Func<AudioClip?, Random, ResponseStep>? Step(ScriptDocument document, ScriptStep step, string place, List<string> problems)
    {
        int kinds = (step.Say is null ? 0 : 1) + (step.Text is null ? 0 : 1) + (step.Call is null ? 0 : 1) + (step.WaitMs is null ? 0 : 1)
            + (step.Fault is null ? 0 : 1) + (step.Fail is null ? 0 : 1);
        if (kinds != 1)
        {
            problems.Add($"{place}: needs exactly one of say, text, call, wait_ms, fault, fail; has {kinds}.");
            return null;
        }

        if (step.Say is { } words)
            return Say(document, step, words, place, problems);
        if (step.Text is { } text)
            return (_, _) => new TextStep(text);
        if (step.Call is { } name)
        {
            if (name.Length > 64 || !RealtimeSessionReader.IsFunctionName(name))
                problems.Add($"{place}.call: must be the name of a function, 1 to 64 letters, digits, '_' and '-' (is '{name}').");
            if (step.Arguments is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) } wrong)
                problems.Add($"{place}.arguments: must be an object (is {wrong.GetRawText()}).");
            string arguments = step.Arguments is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}";
            return (_, _) => new CallStep(name, arguments);
        }

        if (step.WaitMs is { } wait)
        {
            NotNegative(wait, $"{place}.wait_ms", problems);
            NotNegative(step.JitterMs, $"{place}.jitter_ms", problems);
            return (_, random) => new WaitStep(TimeSpan.FromMilliseconds(wait + (step.JitterMs * random.NextDouble())));
        }

        if (step.Fail is { } code)
            return (_, _) => new FailStep(new RealtimeError(RealtimeError.ServerError, code, step.Message ?? "Failed by the script."));
        return Fault(step.Fault!, step.Code, step.Message, place, problems) is { } fault ? (_, _) => new FaultStep(fault) : null;
    }

    private static Func<AudioClip?, Random, ResponseStep> Say(ScriptDocument document, ScriptStep step, string words, string place, List<string> problems)
    {
        if (step.Echo)
            return (heard, _) => new SayStep(heard ?? Tone(440, 200), words);
        AudioClip clip;
        if (step.Wav is { } file)
        {
            clip = ReadWav(Path.Combine(document.Folder, file), place, problems);
        }
        else
        {
            int ms = step.Ms ?? (60 * Math.Max(4, words.Length));
            if (step.ToneHz is < 20 or > 12_000)
                problems.Add($"{place}.tone_hz: must be 20 to 12000.");
            if (ms is < 1 or > MaxToneMs)
                problems.Add($"{place}.ms: must be 1 to {MaxToneMs}.");
            clip = Tone(step.ToneHz, Math.Clamp(ms, 1, MaxToneMs));
        }

        return (_, _) => new SayStep(clip, words);
    }

    // Straight into the clip: a script may ask for an hour.
    private static AudioClip Tone(double hz, int ms)
    {
        const int fade = 240;
        int length = ms * 24;
        var bytes = new byte[AudioFormat.Pcm24k.BytesOf(length)];
        Span<short> piece = stackalloc short[fade];
        for (int start = 0; start < length; start += piece.Length)
        {
            int count = Math.Min(piece.Length, length - start);
            for (int i = start; i < start + count; i++)
            {
                double envelope = Math.Min(1, Math.Min(i, length - 1 - i) / (double)fade);
                piece[i - start] = (short)(8000 * envelope * Math.Sin(2 * Math.PI * hz * i / 24_000));
            }

            AudioFormat.Pcm24k.Encode(piece[..count], bytes.AsSpan(AudioFormat.Pcm24k.BytesOf(start)));
        }

        return new AudioClip(bytes, AudioFormat.Pcm24k);
    }

    private static AudioClip ReadWav(string path, string place, List<string> problems)
    {
        try
        {
            if (!WavReader.TryRead(File.ReadAllBytes(path), out var wav, out var error))
            {
                problems.Add($"{place}.wav: '{path}' cannot be read: {error}.");
                return default;
            }

            var samples = wav.ToMono();
            if (wav.Format.SampleRate != 24_000)
            {
                var resampler = new Resampler(wav.Format.SampleRate, 24_000);
                var resampled = new short[resampler.OutputLength(samples.Length)];
                samples = resampled[..resampler.Process(samples, resampled)];
            }

            return AudioClip.Of(samples, AudioFormat.Pcm24k);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"{place}.wav: '{path}' cannot be read: {exception.Message}");
            return default;
        }
    }

    private static ScriptFault? Fault(string name, JsonElement? code, string? message, string place, List<string> problems)
    {
        switch (name)
        {
            case "error":
                return new ScriptFault(ScriptFaultKind.Error, new RealtimeError(RealtimeError.ServerError,
                    code is { ValueKind: JsonValueKind.String } text ? text.GetString() : "server_error", message ?? "The script says that something went wrong."));
            case "malformed":
                return new ScriptFault(ScriptFaultKind.Malformed);
            case "expire":
                return new ScriptFault(ScriptFaultKind.Expire);
            case "drop":
                return new ScriptFault(ScriptFaultKind.Drop);
            case "close":
                int close = code is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : 1011;
                if (close is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
                    problems.Add($"{place}.code: {close} cannot be sent as a WebSocket close code.");
                return new ScriptFault(ScriptFaultKind.Close, Code: close, Reason: message);
            default:
                problems.Add($"{place}.fault: '{name}' is unknown; use error, malformed, expire, drop or close.");
                return null;
        }
    }
}

/// <summary>A script that is ready to run; shared by all sessions.</summary>
public sealed record CompiledScript(ScriptDocument Document, IReadOnlyList<CompiledTurn> Turns, IReadOnlyList<(TimeSpan At, ScriptFault Fault)> Timeline);

/// <summary>A turn that is ready to run; each step takes the caller's last audio and the session's randomness.</summary>
public sealed record CompiledTurn(string? Heard, IReadOnlyList<Func<AudioClip?, Random, ResponseStep>> Reply);
