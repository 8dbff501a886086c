using System.IO.Pipelines;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>A dialogue's recogniser by any <see cref="ISpeechToTextClient"/> that reads WAV; live where the client offers <see cref="LiveTranscription"/>. The work is done on the thread pool.</summary>
#pragma warning disable CA1001 // a semaphore that nobody waits for with a handle holds nothing
internal sealed class SpeechToTextRecognizer(ISpeechToTextClient client, IDialogueThread dialogue, ILogger logger) : IRecognizer
#pragma warning restore CA1001
{
    // One session is not to have the recogniser for itself, however much it says: of one that is behind, turns are no longer listened to live, and whole ones are written down one after the other.
    private const int MostListening = 2;
    private readonly SemaphoreSlim _whole = new(1);
    private readonly bool _isLive = client.GetService(typeof(LiveTranscription)) is not null;
    private int _listening;

    /// <inheritdoc/>
    public IListening? Listen(AudioFormat format, RecognitionHints hints, Action<string> onText, Action<Transcription> done)
    {
        if (!_isLive || Volatile.Read(ref _listening) >= MostListening)
            return null;
        Interlocked.Increment(ref _listening);
        var listening = new Listening(format, dialogue);
        _ = Task.Run(() => ListenAsync(listening, Options(format, hints), onText, done));
        return listening;
    }

    /// <inheritdoc/>
    public IDisposable Transcribe(AudioClip speech, RecognitionHints hints, Action<Transcription> done)
    {
        var work = new Work(dialogue);
        _ = Task.Run(() => TranscribeAsync(work, speech, Options(speech.Format, hints), done));
        return work;
    }

    private static SpeechToTextOptions Options(AudioFormat format, RecognitionHints hints) => new()
    {
        SpeechSampleRate = format.SampleRate,
        SpeechLanguage = hints.Language,
        AdditionalProperties = hints.Prompt is { } prompt ? new AdditionalPropertiesDictionary { [RecognitionPrompt.Key] = prompt } : null,
    };

    private async Task ListenAsync(Listening listening, SpeechToTextOptions options, Action<string> onText, Action<Transcription> done)
    {
        Transcription result;
        try
        {
            string? text = null;
            await foreach (var update in client.GetStreamingTextAsync(listening.Audio, options, listening.Token))
            {
                string understood = update.Text;
                if (update.Kind == SpeechToTextResponseUpdateKind.TextUpdated)
                    text = understood;
                else if (update.Kind == SpeechToTextResponseUpdateKind.TextUpdating)
                    listening.Post(() => onText(understood));
            }

            result = text is null ? new Transcription(null, "The speech recogniser gave no transcript.") : new Transcription(text.Trim());
        }
        catch (OperationCanceledException) when (listening.Token.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            result = Failed(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _listening);
            await listening.Audio.DisposeAsync();
        }

        await listening.WhenFinished;
        listening.Post(() => done(result));
    }

    private async Task TranscribeAsync(Work work, AudioClip speech, SpeechToTextOptions options, Action<Transcription> done)
    {
        Transcription result;
        bool isMine = false;
        try
        {
            await _whole.WaitAsync(work.Token);
            isMine = true;
            var samples = new short[speech.Format.SamplesIn(speech.Bytes.Length)];
            speech.Format.Decode(speech.Bytes.Span, samples);
            using var wav = new MemoryStream(WavWriter.Write(samples, speech.Format.SampleRate), writable: false);
            var response = await client.GetTextAsync(wav, options, work.Token);
            result = new Transcription(response.Text.Trim());
        }
        catch (OperationCanceledException) when (work.Token.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            result = Failed(exception);
        }
        finally
        {
            if (isMine)
                _whole.Release();
        }

        work.Post(() => done(result));
    }

    private Transcription Failed(Exception exception)
    {
        ServiceProblems.Log(logger, dialogue.SessionId, "A turn could not be transcribed", exception);
        return new Transcription(null, ServiceProblems.Describe(exception, "The speech recogniser failed."));
    }

    private class Work(IDialogueThread dialogue) : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();
        private bool _isDisposed; // looked at from within the dialogue only

        public CancellationToken Token => _cancellation.Token;

        public void Post(Action action) => dialogue.Post(() =>
        {
            if (!_isDisposed)
                action();
        });

        public void Dispose()
        {
            _isDisposed = true;
            _ = _cancellation.CancelAsync(); // what hangs on it is not to be run in the dialogue
            End();
        }

        protected virtual void End()
        {
        }
    }

    // The pipe holds what the recogniser has not read yet: of one turn, whose length the input buffer bounds.
    private sealed class Listening : Work, IListening
    {
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly AudioFormat _format;

        public Listening(AudioFormat format, IDialogueThread dialogue)
            : base(dialogue)
        {
            _format = format;
            Audio = _pipe.Reader.AsStream();
            var wav = new WavFormat(WavEncoding.Pcm16, format.SampleRate, 1);
            _pipe.Writer.Advance(WavWriter.WriteHeader(_pipe.Writer.GetSpan(WavWriter.HeaderLength(wav.Encoding)), wav, int.MaxValue));
        }

        public Stream Audio { get; }

        public Task WhenFinished => _finished.Task;

        public void Append(ReadOnlySpan<byte> audio)
        {
            if (_finished.Task.IsCompleted || audio.IsEmpty)
                return;
            if (_format.Encoding == AudioEncoding.Pcm16)
            {
                audio.CopyTo(_pipe.Writer.GetSpan(audio.Length));
                _pipe.Writer.Advance(audio.Length);
            }
            else
            {
                Decode(audio);
            }

            // Never waits, as there is no threshold; and a reader that is gone is no concern of the speaker's.
            var flushing = _pipe.Writer.FlushAsync();
            if (!flushing.IsCompletedSuccessfully)
                _ = flushing.AsTask();
        }

        public void Finish() => End();

        protected override void End()
        {
            if (_finished.TrySetResult())
                _pipe.Writer.Complete();
        }

        private void Decode(ReadOnlySpan<byte> audio)
        {
            Span<short> samples = stackalloc short[512];
            while (!audio.IsEmpty)
            {
                int count = Math.Min(samples.Length, audio.Length);
                _format.Decode(audio[..count], samples);
                int bytes = count * Pcm16.BytesPerSample;
                Pcm16.SamplesToBytes(samples[..count], _pipe.Writer.GetSpan(bytes)[..bytes]);
                _pipe.Writer.Advance(bytes);
                audio = audio[count..];
            }
        }
    }
}
