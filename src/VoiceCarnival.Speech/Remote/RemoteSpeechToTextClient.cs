using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI.Audio;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Recognition;

namespace VoiceCarnival.Speech.Remote;

/// <summary>A recogniser behind OpenAI's <c>/audio/transcriptions</c>: OpenAI's, a Whisper server, … It is sent whole utterances, as WAV files of 16 kHz, and tells nothing before the end.</summary>
internal sealed class RemoteSpeechToTextClient(RecognitionOptions options, TimeProvider time) : ISpeechToTextClient
{
    private const string DefaultModel = "whisper-1";

    // Nobody says a fifth as much, in any language. A model that has lost its way says the same over and over.
    private const int MostCharacters = 1000;
    private const int MostCharactersPerSecond = 100;
    private readonly RemoteService _service = new(ModelServiceException.Recognition, options, time);
    private readonly string _model = options.Model ?? DefaultModel;

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">The server refused, did not answer in time, cannot be reached or tells more than can have been said; or the audio has another format.</exception>
    public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audioSpeechStream);
        var samples = await new PcmInput(audioSpeechStream, options?.SpeechSampleRate ?? 24_000).ReadAllAsync(Utterance.MaxSamples, cancellationToken);
        if (samples.Length == 0)
            return new SpeechToTextResponse("");
        byte[] wav = WavWriter.Write(samples, Utterance.SampleRate);
        string text = await _service.AskAsync(async token =>
        {
            using var file = new MemoryStream(wav);
            var transcription = await _service.Client.GetAudioClient(options?.ModelId ?? _model)
                .TranscribeAudioAsync(file, "speech.wav", new AudioTranscriptionOptions { Language = Primary(options?.SpeechLanguage), Prompt = Prompt(options) }, token);
            return transcription.Value.Text ?? throw new ModelServiceException(ModelServiceException.Recognition, "bad_response", "The server for speech recognition answered without a text.");
        }, cancellationToken);
        if (text.Length > MostCharacters + ((long)samples.Length * MostCharactersPerSecond / Utterance.SampleRate))
        {
            throw new ModelServiceException(ModelServiceException.Recognition, "bad_response",
                $"The server for speech recognition answered with {text.Length} characters, more than can be said in {(double)samples.Length / Utterance.SampleRate:0.0} s.");
        }

        return new SpeechToTextResponse(text.Trim()) { ModelId = _model };
    }

    /// <summary>The final text, as the only update. Same errors as <see cref="GetTextAsync"/>.</summary>
    public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
        Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetTextAsync(audioSpeechStream, options, cancellationToken);
        yield return new SpeechToTextResponseUpdate(response.Text) { Kind = SpeechToTextResponseUpdateKind.TextUpdated, ModelId = response.ModelId };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SpeechToTextClientMetadata) ? new SpeechToTextClientMetadata("openai", _service.Endpoint, _model)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The client's connections are shared by the process.
    }

    private static string? Prompt(SpeechToTextOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(RecognitionPrompt.Key, out object? prompt) == true && prompt is string { Length: > 0 } text ? text : null;

    // The service wants ISO 639-1, of which a longer tag is the beginning.
    private static string? Primary(string? language) => string.IsNullOrEmpty(language) ? null : language.Split('-', '_')[0].ToLowerInvariant();
}
