using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Speaking;

/// <summary>A dialogue's voice by any <see cref="ITextToSpeechClient"/> that makes PCM16 at 24 kHz. The work is done on the thread pool, format and rate included.</summary>
#pragma warning disable CA1001 // a semaphore that nobody waits for with a handle holds nothing
internal sealed partial class TextToSpeechVoice(ITextToSpeechClient client, IDialogueThread dialogue, ILogger logger) : IVoice
#pragma warning restore CA1001
{
    // A session with many answers beside the conversation does not keep the synthesiser from others.
    private readonly SemaphoreSlim _turn = new(2);

    /// <inheritdoc/>
    public IDisposable Speak(string sentence, AudioOutputSettings settings, AudioFormat format, IVoiceSink sink)
    {
        var work = new Work(client, dialogue, logger, format, sink, _turn);
        var options = new TextToSpeechOptions { VoiceId = settings.Voice, Speed = (float)settings.Speed, AudioFormat = "pcm" };
        _ = Task.Run(() => work.RunAsync(sentence, options));
        return work;
    }

    private sealed class Work(ITextToSpeechClient client, IDialogueThread dialogue, ILogger logger, AudioFormat format, IVoiceSink sink, SemaphoreSlim turn) : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();
        private readonly Resampler _resampler = new(AudioFormat.Pcm24k.SampleRate, format.SampleRate);
        private bool _isDisposed; // looked at from within the dialogue only
        private byte? _half;

        public void Dispose()
        {
            _isDisposed = true;
            _ = _cancellation.CancelAsync(); // what hangs on it is not to be run in the dialogue
        }

        public async Task RunAsync(string sentence, TextToSpeechOptions options)
        {
            bool isMine = false;
            try
            {
                await turn.WaitAsync(_cancellation.Token);
                isMine = true;
                await foreach (var update in client.GetStreamingAudioAsync(sentence, options, _cancellation.Token))
                {
                    if (update.AdditionalProperties?.TryGetValue(WordTime.Key, out var value) == true && value is IReadOnlyList<WordTime> words)
                        AddWords(words);
                    foreach (var content in update.Contents)
                    {
                        if (content is not DataContent data)
                            continue;
                        var piece = Encode(data.Data.Span);
                        if (piece.Length > 0)
                            Post(() => sink.Add(piece));
                    }
                }

                Post(sink.Complete);
            }
            catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
            {
                // Nobody wants it any more.
            }
            catch (Exception exception)
            {
                ServiceProblems.Log(logger, dialogue.SessionId, "A sentence could not be spoken", exception);
                string problem = ServiceProblems.Describe(exception, "The speech synthesiser failed.");
                Post(() => sink.Fail(problem));
            }
            finally
            {
                if (isMine)
                    turn.Release();
            }
        }

        private void AddWords(IReadOnlyList<WordTime> words)
        {
            if (words.Count(static word => word.IsLeftOut) is > 0 and int count)
                Log.WordsLeftOut(logger, count, dialogue.SessionId);
            Post(() => sink.AddWords(words));
        }

        private void Post(Action action) => dialogue.Post(() =>
        {
            if (!_isDisposed)
                action();
        });

        // A server cuts its stream where it likes, in the middle of a sample, too.
        private byte[] Encode(ReadOnlySpan<byte> pcm)
        {
            byte[] joined = _half is { } half ? [half, .. pcm] : [.. pcm];
            _half = joined.Length % Pcm16.BytesPerSample == 0 ? null : joined[^1];
            var samples = new short[joined.Length / Pcm16.BytesPerSample];
            Pcm16.BytesToSamples(joined.AsSpan(0, samples.Length * Pcm16.BytesPerSample), samples);
            var resampled = new short[_resampler.OutputLength(samples.Length)];
            _resampler.Process(samples, resampled);
            var bytes = new byte[format.BytesOf(resampled.Length)];
            format.Encode(resampled, bytes);
            return bytes;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2014, LogLevel.Warning, "{Count} words of a sentence were left out in session {Session}: they are of an alphabet that no voice here reads")]
        public static partial void WordsLeftOut(ILogger logger, int count, string session);
    }
}
