using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// espeak-ng's voices, which speak a hundred languages, as a program of its own for each sentence. (It is under the GPL, version 3 or later: a program beside this one, never a part of it.)
/// Times of words are not known: they are spread over the sound as their letters are.
/// </summary>
/// <param name="program">Path of the program.</param>
internal sealed class EspeakVoices(string program) : ISentenceVoice
{
    private const int WordsPerMinute = 175;
    private const int MaxBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly SemaphoreSlim Programs = new(Math.Max(2, Environment.ProcessorCount));

    public string Name => "espeak-ng";

    /// <summary>Where it is installed; null if it is not.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(static folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "espeak-ng.exe" : "espeak-ng"))
        .FirstOrDefault(File.Exists);

    /// <summary>Asks the program whether it speaks a language; takes some ten milliseconds. True where it gives no answer.</summary>
    public static bool Speaks(string program, string language)
    {
        if (!IsTag(language))
            return false;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["-q", "-v", Voice(language), "a"]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false });
            if (process?.WaitForExit(TimeSpan.FromSeconds(5)) == true)
                return process.ExitCode == 0;
            process?.Kill();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // It is told where something is to be said.
        }

        return true;
    }

    public async IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!IsTag(style.Language))
            throw Unsupported(style.Language);
        if (text.Any(char.IsLetterOrDigit))
            yield return await SpeakWholeAsync(text, style, cancellationToken);
    }

    private async Task<SpokenPiece> SpeakWholeAsync(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        await Programs.WaitAsync(cancellationToken);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Longest);
            try
            {
                return await RunAsync(text, style, deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Failed("espeak-ng did not end in time.");
            }
        }
        finally
        {
            Programs.Release();
        }
    }

    private async Task<SpokenPiece> RunAsync(string text, SpeechStyle style, CancellationToken cancellationToken)
    {
        int speed = Math.Clamp((int)(WordsPerMinute * style.Speed), 80, 450);
        var start = new ProcessStartInfo(program, ["-v", Voice(style.Language) + Variant(style.Voice), "-s", speed.ToString(CultureInfo.InvariantCulture), "-b", "1", "--stdin", "--stdout"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        try
        {
            // Without this, what it says of a language that it does not know could fill its pipe.
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var reading = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
            await WriteAsync(process, text);
            var output = await reading;
            await process.WaitForExitAsync(cancellationToken);
            await errors;
            if (WavReader.TryRead(output.Span, out var wav, out _))
            {
                short[] samples = wav.ToMono();
                return new SpokenPiece(samples, wav.Format.SampleRate, WordTimes.Spread(text, TimeSpan.FromSeconds((double)samples.Length / wav.Format.SampleRate)));
            }

            throw process.ExitCode == 0 ? Failed("espeak-ng gave no sound.") : Unsupported(style.Language);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw Failed("espeak-ng cannot be started.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw Failed("espeak-ng cannot be started.", exception);
        }
    }

    private static async Task WriteAsync(Process process, string text)
    {
        try
        {
            await process.StandardInput.WriteAsync(Plain(text));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its exit code tells why.
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int n;
        while ((n = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + n > MaxBytes)
                throw Failed("espeak-ng gave more sound than a sentence has.");
            bytes.Write(buffer, 0, n);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    // Its commands begin with a control character and its phonemes with two brackets: what somebody wrote is to be read and nothing else.
    private static string Plain(string text) => string.Create(text.Length, text, static (plain, text) =>
    {
        for (int i = 0; i < text.Length; i++)
            plain[i] = char.IsControl(text[i]) || (text[i] == '[' && i > 0 && text[i - 1] == '[') ? ' ' : text[i];
    });

    private static string Voice(string language) => language.ToLowerInvariant().Replace('_', '-');

    // Men and women among OpenAI's voices, as with flite's.
    private static string Variant(string? voice) => FliteVoiceNames.VoiceOf(voice) == FliteVoice.Slt ? "+f2" : "+m3";

    // A language tag (BCP 47), so that nothing else gets onto the command line.
    private static bool IsTag(string language) => language.Length is >= 2 and <= 16 && char.IsAsciiLetter(language[0]) && language.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static ModelServiceException Unsupported(string language) => new(ModelServiceException.Synthesis, "language_unsupported", $"espeak-ng does not speak the language '{(language.Length > 16 ? language[..16] : language)}'.");

    private static ModelServiceException Failed(string message, Exception? inner = null) => new(ModelServiceException.Synthesis, "synthesis_failed", message, inner);
}
