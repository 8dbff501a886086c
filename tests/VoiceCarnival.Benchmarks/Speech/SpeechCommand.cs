using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Speech;

namespace VoiceCarnival.Benchmarks.Speech;

/// <summary>
/// How long the embedded speech services take: synthesis to the first sound and to silence when cancelled, recognition from the end of a spoken question to its final text with audio at the pace of speech, and
/// what noise reduction costs, and the memory of decoders. With <c>--words</c>, in their place, how well the recogniser understands (<see cref="WordErrors"/>).
/// </summary>
internal static class SpeechCommand
{
    internal const int Rate = 24_000;

    private static readonly string[] Sentences =
    [
        "Yes.", "Good morning, how can I help you?", "It is a quarter past seven in the evening.", "I have written that down, and I will read it back to you now.",
        "You can reach me by telephone, by a browser over web sockets or web real time communication, and by any client of the same protocol.",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var line = new Arguments(args, ["runs"], ["words"]);
        int runs = line.Number("runs", 10, 1, 1000);
        if (line.Flag("words"))
            return await WordErrors.RunAsync();
        await using var services = Services();
        Console.WriteLine("| what | median | p95 | most |");
        Console.WriteLine("| --- | --- | --- | --- |");
        await SynthesisAsync(services.GetRequiredService<ITextToSpeechClient>(), runs);
        NoiseReduction(services.GetRequiredService<INoiseSuppressorFactory>());
        if (services.GetService<ISpeechToTextClient>() is { } recogniser)
        {
            var spoken = (DataContent)(await services.GetRequiredService<ITextToSpeechClient>().GetAudioAsync("What is the weather like in London tomorrow?", new TextToSpeechOptions { AudioFormat = "audio/pcm;rate=16000" })).Contents[0];
            DecoderMemory.Measure(MemoryMarshal.Cast<byte, short>(spoken.Data.Span).ToArray());
            await AnswerAsync(recogniser, await QuestionAsync(services.GetRequiredService<ITextToSpeechClient>()), runs);
        }
        else
        {
            Console.WriteLine("No recogniser is installed: libpocketsphinx3, pocketsphinx-en-us and, for the recordings, pocketsphinx-testdata.");
        }

        return 0;
    }

    internal static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddSingleton(TimeProvider.System).AddOptions();
        var settings = new ConfigurationBuilder().AddInMemoryCollection([]).Build().GetSection("Local");
        return services.AddSpeech(settings).BuildServiceProvider();
    }

    private static async Task SynthesisAsync(ITextToSpeechClient client, int runs)
    {
        await client.GetAudioAsync("Hello."); // compiles it
        foreach (string sentence in Sentences)
        {
            var first = new Histogram();
            var processor = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < runs; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await using var updates = client.GetStreamingAudioAsync(sentence).GetAsyncEnumerator();
                await updates.MoveNextAsync();
                first.Record(Stopwatch.GetElapsedTime(start));
            }

            Row($"flite: text of {sentence.Length} characters to its first sound, ms; {(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / runs:0} of processor", first);
        }

        var stop = new Histogram();
        for (int i = 0; i < runs; i++)
        {
            using var cancel = new CancellationTokenSource();
            var call = client.GetAudioAsync(string.Concat(Enumerable.Repeat(Sentences[^1] + " ", 20)), cancellationToken: cancel.Token);
            await Task.Delay(100);
            long start = Stopwatch.GetTimestamp();
            await cancel.CancelAsync();
            try
            {
                await call;
            }
            catch (OperationCanceledException)
            {
                stop.Record(Stopwatch.GetElapsedTime(start));
            }
        }

        Row("flite: cancelled to returned, ms", stop);
    }

    private static void NoiseReduction(INoiseSuppressorFactory factory)
    {
        foreach (int rate in (int[])[24_000, 8_000])
        {
            using var suppressor = factory.Create(rate) ?? throw new UsageException("RNNoise cannot be used on this system.");
            var frame = new short[suppressor.FrameSamples];
            var random = new Random(1);
            var cost = new Histogram();
            for (int i = 0; i < 3000; i++)
            {
                for (int k = 0; k < frame.Length; k++)
                    frame[k] = (short)random.Next(-2000, 2000);
                long start = Stopwatch.GetTimestamp();
                suppressor.Process(frame);
                if (i >= 1000)
                    cost.Record(Stopwatch.GetElapsedTime(start));
            }

            Row($"RNNoise: 10 ms at {rate / 1000} kHz, ms", cost);
        }
    }

    // A question of about three seconds with the silence that ends a turn, at the pace of a microphone.
    private static async Task AnswerAsync(ISpeechToTextClient client, short[] question, int runs)
    {
        var first = new Histogram();
        var final = new Histogram();
        string text = "";
        for (int i = -1; i < runs; i++) // the first loads the models
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
            long start = Stopwatch.GetTimestamp(), end = 0;
            var speaking = Task.Run(async () =>
            {
                for (int at = 0; at < question.Length; at += Rate / 50)
                {
                    var wait = TimeSpan.FromSeconds((double)at / Rate) - Stopwatch.GetElapsedTime(start);
                    if (wait > TimeSpan.Zero)
                        await Task.Delay(wait);
                    var bytes = new byte[Math.Min(Rate / 50, question.Length - at) * 2];
                    Pcm16.SamplesToBytes(question.AsSpan(at, bytes.Length / 2), bytes);
                    await pipe.Writer.WriteAsync(bytes);
                }

                end = Stopwatch.GetTimestamp();
                await pipe.Writer.CompleteAsync();
            });
            bool isFirst = true;
            await foreach (var update in client.GetStreamingTextAsync(pipe.Reader.AsStream()))
            {
                if (isFirst && i >= 0)
                    first.Record(Stopwatch.GetElapsedTime(start));
                isFirst = false;
                text = update.Text;
            }

            await speaking;
            if (i >= 0)
                final.Record(Stopwatch.GetElapsedTime(end));
        }

        Row($"PocketSphinx: question of {(double)question.Length / Rate:0.0} s, beginning to first words, ms", first);
        Row("PocketSphinx: end of its turn (300 ms of silence) to final text, ms", final);
        Console.WriteLine($"It understood: {text}");
    }

    /// <summary>The question alone.</summary>
    internal static async Task<short[]> QuestionAsync(IServiceProvider services) => (await QuestionAsync(services.GetRequiredService<ITextToSpeechClient>()))[..^(Rate * 3 / 10)];

    private static async Task<short[]> QuestionAsync(ITextToSpeechClient client)
    {
        var content = (DataContent)(await client.GetAudioAsync("What is the weather like in London tomorrow?", new TextToSpeechOptions { VoiceId = "rms" })).Contents[0];
        var speech = new short[content.Data.Length / 2];
        Pcm16.BytesToSamples(content.Data.Span, speech);
        return [.. new short[Rate * 3 / 10], .. speech, .. new short[Rate * 3 / 10]];
    }

    internal static void Row(string what, Histogram times) =>
        Console.WriteLine(FormattableString.Invariant($"| {what} | {times.Percentile(50):0.00} | {times.Percentile(95):0.00} | {times.MaximumMilliseconds:0.00} |"));
}
