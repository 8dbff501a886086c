using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.Synthesis;

namespace VoiceCarnival.Speech.Remote;

/// <summary>
/// A synthesiser behind OpenAI's <c>/audio/speech</c>: OpenAI's, Kokoro, … It is asked sentence by sentence for <c>pcm</c>, which is passed on as it comes; a server that sends a WAV file instead is understood, too.
/// Times of words are not known.
/// </summary>
internal sealed class RemoteTextToSpeechClient(SynthesisOptions settings, TimeProvider time) : ITextToSpeechClient
{
    private const string DefaultModel = "tts-1";
    private const string DefaultVoice = "alloy";

    // No sentence is longer, however slow; a server that does not stop is broken.
    private const int MaxSamples = 600 * SentenceTextToSpeechClient.SampleRate;
    private readonly RemoteService _service = new(ModelServiceException.Synthesis, settings, time);
    private readonly string _model = settings.Model ?? DefaultModel;

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">The server refused, did not answer in time, broke off or cannot be reached.</exception>
    public async Task<TextToSpeechResponse> GetAudioAsync(string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default)
    {
        var bytes = new MemoryStream();
        await foreach (var update in GetStreamingAudioAsync(text, options, cancellationToken))
            bytes.Write(((DataContent)update.Contents[0]).Data.Span);
        return new TextToSpeechResponse([new DataContent(bytes.ToArray(), "audio/pcm")]) { ModelId = _model };
    }

    /// <summary>PCM16, 24 kHz, mono, as it comes. Same errors as <see cref="GetAudioAsync"/>.</summary>
    public async IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
        string text, TextToSpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > SentenceTextToSpeechClient.MaxTextLength)
            throw new ArgumentException($"The text has {text.Length} characters; at most {SentenceTextToSpeechClient.MaxTextLength} are spoken. Send it in parts.", nameof(text));
        if (options?.AudioFormat is not (null or "pcm" or "audio/pcm" or "audio/pcm;rate=24000"))
            throw new ModelServiceException(ModelServiceException.Synthesis, "audio_format_unsupported", $"The audio format '{options.AudioFormat}' is not pcm.");
        foreach (string sentence in Sentences.Of(text).Where(static sentence => sentence.Any(char.IsLetterOrDigit)))
        {
            await foreach (short[] samples in _service.StreamAsync(token => SpeakAsync(sentence, options, token), cancellationToken))
            {
                yield return new TextToSpeechResponseUpdate([new DataContent(MemoryMarshal.AsBytes(samples.AsSpan()).ToArray(), "audio/pcm")])
                {
                    Kind = TextToSpeechResponseUpdateKind.AudioUpdating,
                    ModelId = _model,
                };
            }
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(TextToSpeechClientMetadata) ? new TextToSpeechClientMetadata("openai", _service.Endpoint, _model)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The client's connections are shared by the process.
    }

    private async IAsyncEnumerable<short[]> SpeakAsync(string text, TextToSpeechOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = options?.ModelId ?? _model,
            ["input"] = text,
            ["voice"] = settings.Voice ?? options?.VoiceId ?? DefaultVoice,
            ["response_format"] = "pcm",
            ["speed"] = Math.Clamp(options?.Speed ?? 1, 0.25f, 4f),
        };
        using var content = BinaryContent.Create(BinaryData.FromString(body.ToJsonString()));
        var result = await _service.Client.GetAudioClient(_model).GenerateSpeechAsync(content, new RequestOptions { BufferResponse = false, CancellationToken = cancellationToken });
        using var response = result.GetRawResponse();
        if (response.Headers.TryGetValue("Content-Type", out string? type) && type is not null && !IsSound(type))
            throw new ModelServiceException(ModelServiceException.Synthesis, "bad_response", $"The server for speech synthesis answered with {type.Split(';')[0]} in place of PCM.");
        var input = new PcmInput(response.ContentStream ?? Stream.Null, SentenceTextToSpeechClient.SampleRate, SentenceTextToSpeechClient.SampleRate);
        int taken = 0;
        while (await input.ReadAsync(cancellationToken) is { Length: > 0 } samples)
        {
            taken += samples.Length;
            if (taken > MaxSamples)
                throw new ModelServiceException(ModelServiceException.Synthesis, "bad_response", "The server for speech synthesis answered with more sound than a sentence has.");
            yield return samples;
        }

        if (taken == 0)
            throw new ModelServiceException(ModelServiceException.Synthesis, "bad_response", "The server for speech synthesis answered without any sound.");
    }

    // Anything else, played as samples, would be noise at full loudness.
    private static bool IsSound(string type) =>
        type.Contains("pcm", StringComparison.OrdinalIgnoreCase) || type.Contains("wav", StringComparison.OrdinalIgnoreCase) || type.Contains("octet-stream", StringComparison.OrdinalIgnoreCase)
        || type.Contains("raw", StringComparison.OrdinalIgnoreCase);
}
