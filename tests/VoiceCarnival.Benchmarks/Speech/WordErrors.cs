using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks.Speech;

/// <summary>
/// How many words PocketSphinx gets wrong: of the recordings of Debian's pocketsphinx-testdata and of twenty sentences by each of flite's voices, at 16 kHz and through a telephone (G.711, 8 kHz); of the whole utterance at
/// once, and listening along as in a call, never behind.
/// </summary>
internal static partial class WordErrors
{
    private const string Recordings = "/usr/share/pocketsphinx/test/data";
    private const int Rate = Utterance.SampleRate;

    private static readonly string[] Sentences =
    [
        "What is the weather like in London?", "What is the weather like in London tomorrow?", "Turn off the lights in the kitchen.", "Can you count to nine?", "Please take a message for my brother.",
        "What time is it?", "I would like a cup of coffee, please.", "How can I reach you by telephone?", "Tell me what you can do.", "Read the message back to me.",
        "Call me back at seven in the evening.", "Where is the nearest train station?", "The meeting has been moved to next Friday.", "Is there anything else that you need to know?",
        "My name is John, and I live in Boston.", "Good morning, how are you today?", "Could you please spell the word carnival?", "I have lost my credit card.", "How much does a ticket to Chicago cost?",
        "Thank you very much, goodbye.",
    ];

    public static async Task<int> RunAsync()
    {
        if (PocketSphinxModel.Find(null) is not { } model || !PocketSphinxLibrary.IsAvailable)
        {
            Console.WriteLine("No recogniser is installed: libpocketsphinx3, pocketsphinx-en-us and, for the recordings, pocketsphinx-testdata.");
            return 0;
        }

        using var decoder = new PocketSphinxDecoder(model);
        Console.WriteLine("| speaker | words | wrong, whole | wrong, along | by telephone, whole | by telephone, along | processor a second of speech, whole | along |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (set, list) in ((string, string)[])[("librivox", "transcription"), ("cards", "cards.transcription")])
        {
            if (Directory.Exists(Recordings))
                Row(decoder, set, Recorded(set, list));
        }

        await using var services = SpeechCommand.Services();
        foreach (string voice in (string[])["slt", "rms", "awb"])
            Row(decoder, "flite " + voice, await SpokenAsync(services.GetRequiredService<ITextToSpeechClient>(), voice));
        return 0;
    }

    private static void Row(PocketSphinxDecoder decoder, string speaker, IReadOnlyList<(string Text, short[] Samples)> utterances)
    {
        int words = utterances.Sum(static utterance => WordError.Words(utterance.Text).Length);
        double seconds = utterances.Sum(static utterance => (double)utterance.Samples.Length / Rate);
        var (whole, wholeTime) = Errors(utterances, samples => Whole(decoder, samples));
        var (along, alongTime) = Errors(utterances, samples => Along(decoder, samples));
        var narrow = utterances.Select(static utterance => (utterance.Text, Telephone(utterance.Samples))).ToList();
        int narrowWhole = Errors(narrow, samples => Whole(decoder, samples)).Wrong;
        int narrowAlong = Errors(narrow, samples => Along(decoder, samples)).Wrong;
        Console.WriteLine(FormattableString.Invariant(
            $"| {speaker} | {words} | {100.0 * whole / words:0.0} % | {100.0 * along / words:0.0} % | {100.0 * narrowWhole / words:0.0} % | {100.0 * narrowAlong / words:0.0} % | {wholeTime.TotalSeconds / seconds:0.00} s | {alongTime.TotalSeconds / seconds:0.00} s |"));
    }

    private static (int Wrong, TimeSpan Processor) Errors(IReadOnlyList<(string Text, short[] Samples)> utterances, Func<short[], string> recognise)
    {
        var before = Environment.CpuUsage.TotalTime;
        int wrong = utterances.Sum(utterance => WordError.Count(utterance.Text, recognise(utterance.Samples)));
        return (wrong, Environment.CpuUsage.TotalTime - before);
    }

    private static string Whole(PocketSphinxDecoder decoder, short[] samples)
    {
        decoder.Begin();
        decoder.Take(samples);
        decoder.Adapt();
        return decoder.End();
    }

    private static string Along(PocketSphinxDecoder decoder, short[] samples)
    {
        var utterance = new Utterance(decoder, new SileroVoiceActivityDetector(Rate));
        foreach (short[] piece in samples.Chunk(Rate / 1000 * 32))
        {
            utterance.Add(piece);
            while (utterance.HasMore)
                utterance.Search();
        }

        utterance.End();
        return utterance.Finish();
    }

    private static List<(string, short[])> Recorded(string set, string list)
    {
        var utterances = new List<(string, short[])>();
        foreach (string line in File.ReadLines(Path.Combine(Recordings, set, list)))
        {
            var match = Transcription().Match(line);
            if (!WavReader.TryRead(File.ReadAllBytes(Path.Combine(Recordings, set, match.Groups["file"].Value + ".wav")), out var wav, out _) || wav.Format.SampleRate != Rate)
                throw new UsageException($"A recording of {set} is not of {Rate} samples per second.");
            utterances.Add((match.Groups["words"].Value.Replace("<s>", "", StringComparison.Ordinal).Replace("</s>", "", StringComparison.Ordinal), wav.ToMono()));
        }

        return utterances;
    }

    private static async Task<List<(string, short[])>> SpokenAsync(ITextToSpeechClient client, string voice)
    {
        var utterances = new List<(string, short[])>();
        foreach (string sentence in Sentences)
        {
            var content = (DataContent)(await client.GetAudioAsync(sentence, new TextToSpeechOptions { VoiceId = voice, AudioFormat = "audio/pcm;rate=16000" })).Contents[0];
            var speech = new short[content.Data.Length / 2];
            Pcm16.BytesToSamples(content.Data.Span, speech);
            utterances.Add((sentence, [.. new short[Rate * 3 / 10], .. speech, .. new short[Rate * 3 / 10]]));
        }

        return utterances;
    }

    private static short[] Telephone(short[] samples)
    {
        short[] narrow = Resample(samples, Rate, 8_000);
        var coded = new byte[narrow.Length];
        AudioFormat.Pcmu.Encode(narrow, coded);
        AudioFormat.Pcmu.Decode(coded, narrow);
        return Resample(narrow, 8_000, Rate);
    }

    private static short[] Resample(short[] samples, int from, int to)
    {
        var resampler = new Resampler(from, to);
        var resampled = new short[resampler.OutputLength(samples.Length)];
        return resampled[..resampler.Process(samples, resampled)];
    }

    [GeneratedRegex(@"^(?<words>.*)\((?<file>\S+)\)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Transcription();
}
