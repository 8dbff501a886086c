using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Speech.VoiceActivity;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>Understands English with PocketSphinx, in this process and without a network.</summary>
/// <remarks>
/// Audio is a WAV stream of PCM16, mono, which may still be written to, or the same without a header in <see cref="SpeechToTextOptions.SpeechSampleRate"/> (24,000 if not said). A streaming call tells the words so far,
/// all of them each time, and at last the final ones, made from the whole utterance; where it is behind at the end of the audio, it tells them after every step, changed or not. When no decoder is free to listen along it tells the final ones only. A cancelled call returns at once. Safe for any
/// number of callers.
/// </remarks>
internal sealed class PocketSphinxSpeechToTextClient(DecoderPool decoders, TimeSpan longestWait) : ISpeechToTextClient, IWarmUp
{
    /// <summary>Name of the recogniser.</summary>
    public const string Name = "pocketsphinx";

    private static readonly SpeechToTextClientMetadata Metadata = new(Name, defaultModelId: "en-us");
    private static readonly LiveTranscription Live = new();

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">Another language or format, no decoder in time, or the recogniser failed.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        var input = Input(audioSpeechStream, options);
        return new SpeechToTextResponse(await RecogniseAsync(input, cancellationToken)) { ModelId = Name };
    }

    /// <summary>Words so far, as updates of the kind <c>TextUpdating</c>, and the final ones as <c>TextUpdated</c>. Same errors as <see cref="GetTextAsync"/>.</summary>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var input = Input(audioSpeechStream, options);
        using var decoder = decoders.TryTakeLive();
        if (decoder is null)
        {
            yield return Update(SpeechToTextResponseUpdateKind.TextUpdated, await RecogniseAsync(input, cancellationToken));
            yield break;
        }

        Utterance? utterance = null;
        string told = "";
        bool hasEnded = false;
        while (!hasEnded)
        {
            // Searching fills the time until more comes. Where more comes all the time, it is taken first, and searched when there is enough of it.
            var reading = input.ReadAsync(cancellationToken).AsTask();
            while (utterance is { HasMore: true } && (!reading.IsCompleted || utterance.IsFull))
            {
                string text = await SearchAsync(decoder, utterance, cancellationToken);
                if (text != told)
                    yield return Update(SpeechToTextResponseUpdateKind.TextUpdating, told = text);
            }

            short[] samples = await reading;
            hasEnded = samples.Length == 0;
            await RunAsync(decoder, d =>
            {
                utterance ??= new Utterance(d, new SileroVoiceActivityDetector(Utterance.SampleRate));
                if (hasEnded)
                    utterance.End();
                else
                    utterance.Add(samples);
                return true;
            }, cancellationToken);
        }

        // Every step is told, be the words the same: whoever waits for the end sees that it comes nearer.
        while (utterance!.HasMore)
            yield return Update(SpeechToTextResponseUpdateKind.TextUpdating, await SearchAsync(decoder, utterance, cancellationToken));

        yield return Update(SpeechToTextResponseUpdateKind.TextUpdated, await RunAsync(decoder, _ => utterance.Finish(), cancellationToken));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SpeechToTextClientMetadata) ? Metadata
            : serviceType == typeof(LiveTranscription) ? Live
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void WarmUp()
    {
        using var decoder = decoders.TryTakeLive();
        decoder?.RunAsync(static d =>
        {
            d.Begin();
            d.Take(new short[Utterance.SampleRate / 2]);
            return d.End();
        }, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => decoders.Dispose();

    // All of it is read first, so that a decoder is only taken for as long as it works; and for each part of a long turn anew, so that it keeps nobody with a short one waiting, nor works on for who has left.
    private async Task<string> RecogniseAsync(PcmInput input, CancellationToken cancellationToken)
    {
        short[] all = await input.ReadAllAsync(Utterance.MaxSamples, cancellationToken);
        if (all.Length == 0)
            return "";
        string text = "";
        foreach (var part in Utterance.Parts(all))
        {
            using var decoder = await decoders.TakeAsync(longestWait, cancellationToken)
                ?? throw new ModelServiceException(ModelServiceException.Recognition, "recogniser_busy", "The recogniser has too many others to listen to. Try again in a moment.");
            await RunAsync(decoder, d =>
            {
                d.Begin();
                d.Take(part.Span);
                d.Adapt();
                return true;
            }, cancellationToken);
            while (await RunAsync(decoder, static d => d.Search(Utterance.StepMilliseconds), cancellationToken))
            {
                // Step by step, so that it does not go on for who has left.
            }

            text = Utterance.Join(text, await RunAsync(decoder, static d => d.End(), cancellationToken));
        }

        return text;
    }

    private static Task<string> SearchAsync(DecoderPool.Lease decoder, Utterance utterance, CancellationToken cancellationToken) => RunAsync(decoder, _ =>
    {
        utterance.Search();
        return utterance.Text;
    }, cancellationToken);

    private static async Task<T> RunAsync<T>(DecoderPool.Lease decoder, Func<ISpeechDecoder, T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await decoder.RunAsync(work, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            throw new ModelServiceException(ModelServiceException.Recognition, "recognition_failed", exception.Message, exception);
        }
    }

    private static PcmInput Input(Stream stream, SpeechToTextOptions? options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (options?.SpeechLanguage is { Length: > 0 } language && !language.StartsWith("en", StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelServiceException(ModelServiceException.Recognition, "language_unsupported",
                $"The language '{(language.Length > 16 ? language[..16] : language)}' is not understood here: PocketSphinx's model is of English. A server with a Whisper model understands others (VoiceCarnival:Local:SpeechToText).");
        }

        return new PcmInput(stream, options?.SpeechSampleRate ?? 24_000);
    }

    private static SpeechToTextResponseUpdate Update(SpeechToTextResponseUpdateKind kind, string text) => new(text) { Kind = kind, ModelId = Name };
}
