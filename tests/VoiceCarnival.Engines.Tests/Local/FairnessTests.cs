using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>However much one session asks of what all share, the others have their turn.</summary>
public sealed class FairnessTests : IDialogueThread
{
    private static readonly RecognitionHints NoHints = new(null);
    private readonly Lock _dialogue = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    string IDialogueThread.SessionId => "sess_1";

    void IDialogueThread.Post(Action work)
    {
        lock (_dialogue)
            work();
    }

    [Fact]
    public async Task WholeTurns_AreWrittenDownOneAfterTheOther()
    {
        using var client = new GatedClient();
        var recogniser = new SpeechToTextRecognizer(client, this, NullLogger.Instance);
        var clip = new AudioClip(new byte[4800], AudioFormat.Pcm24k);
        using var all = new SemaphoreSlim(0);
        var works = Enumerable.Range(0, 4).Select(_ => recogniser.Transcribe(clip, NoHints, _ => all.Release())).ToList();
        await client.Asked.WaitAsync(Cancelled);
        works[3].Dispose(); // who no longer wants his does not keep the others from theirs
        client.Gate.Release(4);
        for (int i = 0; i < 3; i++)
            Assert.True(await all.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        Assert.Equal(1, client.MostAtATime);
    }

    [Fact]
    public async Task ASessionThatIsBehind_IsNoLongerListenedToLive_UntilItIsNot()
    {
        using var client = new GatedClient();
        var recogniser = new SpeechToTextRecognizer(client, this, NullLogger.Instance);
        using var done = new SemaphoreSlim(0);
        var first = recogniser.Listen(AudioFormat.Pcm24k, NoHints, static _ => { }, _ => done.Release());
        var second = recogniser.Listen(AudioFormat.Pcm24k, NoHints, static _ => { }, _ => done.Release());
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(recogniser.Listen(AudioFormat.Pcm24k, NoHints, static _ => { }, static _ => { }));
        first.Finish();
        client.Gate.Release(2);
        Assert.True(await done.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        using var third = recogniser.Listen(AudioFormat.Pcm24k, NoHints, static _ => { }, static _ => { });
        Assert.NotNull(third);
        second.Dispose();
    }

    [Fact]
    public async Task ManyAnswersAtATime_AreSpokenTwoByTwo()
    {
        using var client = new GatedClient();
        var voice = new TextToSpeechVoice(client, this, NullLogger.Instance);
        var sinks = Enumerable.Range(0, 17).Select(_ => new Sink()).ToList();
        var works = sinks.Select(sink => voice.Speak("Hello.", new AudioOutputSettings(), AudioFormat.Pcm24k, sink)).ToList();
        await client.Asked.WaitAsync(Cancelled);
        await client.Asked.WaitAsync(Cancelled);
        works[16].Dispose();
        client.Gate.Release(17);
        foreach (var sink in sinks.Take(16))
            await sink.Done.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.Equal(2, client.MostAtATime);
        Assert.False(sinks[16].Done.Task.IsCompleted);
    }

    private sealed class Sink : IVoiceSink
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void AddWords(IReadOnlyList<WordTime> words)
        {
        }

        public void Add(ReadOnlyMemory<byte> piece)
        {
        }

        public void Complete() => Done.SetResult();

        public void Fail(string problem) => Done.SetException(new InvalidOperationException(problem));
    }

    /// <summary>Answers as often as its gate is opened, and counts who is with it.</summary>
    private sealed class GatedClient : ISpeechToTextClient, ITextToSpeechClient
    {
        private readonly Lock _lock = new();
        private int _now;

        public SemaphoreSlim Gate { get; } = new(0);

        public SemaphoreSlim Asked { get; } = new(0);

        public int MostAtATime { get; private set; }

        public async Task<SpeechToTextResponse> GetTextAsync(Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
        {
            await PassAsync(cancellationToken);
            return new SpeechToTextResponse("text");
        }

        public async IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
            Stream audioSpeechStream, SpeechToTextOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await PassAsync(cancellationToken);
            yield return new SpeechToTextResponseUpdate("text") { Kind = SpeechToTextResponseUpdateKind.TextUpdated };
        }

        public Task<TextToSpeechResponse> GetAudioAsync(string text, TextToSpeechOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async IAsyncEnumerable<TextToSpeechResponseUpdate> GetStreamingAudioAsync(
            string text, TextToSpeechOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await PassAsync(cancellationToken);
            yield return new TextToSpeechResponseUpdate([new DataContent(new byte[480], "audio/pcm")]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(LiveTranscription) ? new LiveTranscription() : null;

        public void Dispose()
        {
            Gate.Dispose();
            Asked.Dispose();
        }

        private async Task PassAsync(CancellationToken cancellationToken)
        {
            lock (_lock)
                MostAtATime = Math.Max(MostAtATime, ++_now);
            Asked.Release();
            try
            {
                await Gate.WaitAsync(cancellationToken);
            }
            finally
            {
                lock (_lock)
                    _now--;
            }
        }
    }
}
