using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>A synthesiser on this machine that streams sentence by sentence, each with the times of its words where they are known.</summary>
/// <remarks>
/// Audio is what OpenAI's speech endpoint calls <c>pcm</c>: PCM16 at 24 kHz, mono, without a header; <c>audio/pcm;rate=8000</c> and the like for another rate; or <c>wav</c>, the same with a header, but
/// not in a stream. While a sentence is listened to, the next one is made, and none beyond it. A cancelled call returns at once, and what it had made is stopped within 50 ms.
/// Safe for any number of callers.
/// </remarks>
internal sealed class SentenceTextToSpeechClient(ISentenceVoice voice, SynthesisOptions? settings = null) : ITextToSpeechClient
{
    /// <summary>Samples per second of the audio, unless another rate is asked for.</summary>
    public const int SampleRate = 24_000;

    /// <summary>No text is longer, in characters.</summary>
    public const int MaxTextLength = 100_000;

    // The one that is read and the one after it.
    private const int SentencesAtATime = 2;

    private readonly TextToSpeechClientMetadata _metadata = new(voice.Name, defaultModelId: voice.Name);

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">The language, the format or the speed is not to be had, or the synthesiser failed.</exception>
    /// <exception cref="ArgumentException">The text is longer than <see cref="MaxTextLength"/>.</exception>
    public async Task<TextToSpeechResponse> GetAudioAsync(string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Request.Of(text, options, settings);
        var samples = new List<short>();
        await foreach (var piece in SpeakAsync(request, cancellationToken).WithCancellation(cancellationToken))
            samples.AddRange(piece.Samples);
        return new TextToSpeechResponse([request.Content(CollectionsMarshal.AsSpan(samples))]) { ModelId = voice.Name };
    }

    /// <summary>Updates as the sound is made; the first of each sentence has its words under <see cref="WordTime.Key"/>. Same errors as <see cref="GetAudioAsync"/>.</summary>
    public async IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
        string text, TextToSpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = Request.Of(text, options, settings);
        if (request.Wav)
            throw Unsupported("audio_format_unsupported", "A WAV file begins with its length, which is not known yet when a stream begins. Ask for pcm.");
        await foreach (var piece in SpeakAsync(request, cancellationToken).WithCancellation(cancellationToken))
        {
            yield return new TextToSpeechResponseUpdate([request.Content(piece.Samples)])
            {
                Kind = TextToSpeechResponseUpdateKind.AudioUpdating,
                ModelId = voice.Name,
                AdditionalProperties = piece.Words.Count == 0 ? null : new AdditionalPropertiesDictionary { [WordTime.Key] = piece.Words },
            };
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(TextToSpeechClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // What is under way ends by itself; there is nothing to let go of.
    }

    // Each piece in the rate that was asked for, its words placed in the whole text and in the whole audio.
    private async IAsyncEnumerable<SpokenPiece> SpeakAsync(Request request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A reader that stops in the middle has no further use for what is being made.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ahead = new SemaphoreSlim(SentencesAtATime);
        var pieces = Channel.CreateUnbounded<(int Sentence, int Place, SpokenPiece Piece)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var making = MakeAsync(request, pieces.Writer, ahead, reading.Token);
        int sentence = -1;
        long samples = 0;
        Resampler? resampler = null;
        try
        {
            await foreach (var (number, place, piece) in pieces.Reader.ReadAllAsync(cancellationToken))
            {
                if (number != sentence)
                {
                    if (sentence >= 0)
                        ahead.Release();
                    sentence = number;
                    resampler = piece.SampleRate == request.SampleRate ? null : new Resampler(piece.SampleRate, request.SampleRate);
                }

                var heard = TimeSpan.FromSeconds((double)samples / request.SampleRate);
                var words = piece.Words.Select(word => word with { Start = word.Start + place, Begin = word.Begin + heard, End = word.End + heard }).ToArray();
                var resampled = AtRate(piece.Samples, resampler);
                samples += resampled.Length;
                yield return new SpokenPiece(resampled, request.SampleRate, words);
            }
        }
        finally
        {
            await reading.CancelAsync();
            await making;
        }
    }

    // Makes the sentence after the one that is read, and none beyond. Does not throw: the reader is told through the channel.
    private async Task MakeAsync(Request request, ChannelWriter<(int, int, SpokenPiece)> pieces, SemaphoreSlim ahead, CancellationToken cancellationToken)
    {
        try
        {
            int place = 0, number = 0;
            foreach (string sentence in Sentences.Of(request.Text).SelectMany(sentence => voice.Parts(sentence, request.Style)))
            {
                if (!string.IsNullOrWhiteSpace(sentence))
                {
                    await ahead.WaitAsync(cancellationToken);
                    bool isSilent = true;
                    await foreach (var piece in voice.SpeakAsync(sentence, request.Style, cancellationToken))
                        isSilent &= !pieces.TryWrite((number, place, piece));
                    if (isSilent)
                        ahead.Release();
                    else
                        number++;
                }

                place += sentence.Length;
            }

            pieces.Complete();
        }
        catch (Exception exception)
        {
            pieces.Complete(exception);
        }
    }

    private static short[] AtRate(short[] samples, Resampler? resampler)
    {
        if (resampler is null || samples.Length == 0)
            return samples;
        var resampled = new short[resampler.OutputLength(samples.Length)];
        return resampled[..resampler.Process(samples, resampled)];
    }

    private static ModelServiceException Unsupported(string code, string message) => new(ModelServiceException.Synthesis, code, message);

    private sealed record Request(string Text, SpeechStyle Style, int SampleRate, bool Wav)
    {
        public static Request Of(string text, TextToSpeechOptions? options, SynthesisOptions? settings)
        {
            ArgumentNullException.ThrowIfNull(text);
            if (text.Length > MaxTextLength)
                throw new ArgumentException($"The text has {text.Length} characters; at most {MaxTextLength} are spoken. Send it in parts.", nameof(text));
            (bool wav, int rate) = options?.AudioFormat switch
            {
                null or "pcm" or "audio/pcm" or "audio/pcm;rate=24000" => (false, SentenceTextToSpeechClient.SampleRate),
                "audio/pcm;rate=8000" => (false, 8_000),
                "audio/pcm;rate=16000" => (false, 16_000),
                "audio/pcm;rate=48000" => (false, 48_000),
                "wav" or "audio/wav" => (true, SentenceTextToSpeechClient.SampleRate),
                { } other => throw Unsupported("audio_format_unsupported", $"The audio format '{other}' is not one of pcm, audio/pcm;rate=8000 (16000, 24000, 48000) and wav."),
            };
            double speed = options?.Speed ?? 1;
            if (speed is not (>= 0.25 and <= 4))
                throw Unsupported("speed_unsupported", $"The speed {speed} is not between 0.25 and 4.");
            return new Request(text, new SpeechStyle(settings?.Voice ?? options?.VoiceId, options?.Language ?? settings?.Language ?? "en", speed), rate, wav);
        }

        public DataContent Content(ReadOnlySpan<short> samples) => Wav
            ? new DataContent(WavWriter.Write(samples, SampleRate), "audio/wav")
            : new DataContent(MemoryMarshal.AsBytes(samples).ToArray(), "audio/pcm");
    }
}
