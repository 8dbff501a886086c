using Microsoft.Extensions.AI;
using VoiceCarnival.Speech.Recognition;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>Long turns beside short ones, with one decoder for all.</summary>
public sealed class LongTurnTests : IDisposable
{
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _goOn = new(0);
    private readonly FakeDecoder _decoder;
    private readonly PocketSphinxSpeechToTextClient _client;

    public LongTurnTests()
    {
        _decoder = new FakeDecoder
        {
            BeforeFirstSearch = () =>
            {
                _begun.Release();
                _goOn.Wait(TimeSpan.FromSeconds(30));
            },
        };
        _client = new PocketSphinxSpeechToTextClient(new DecoderPool(1, () => _decoder, TimeProvider.System), TimeSpan.FromSeconds(30));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _begun.Dispose();
        _goOn.Dispose();
    }

    [Fact]
    public async Task AShortTurn_DoesNotWaitForTheEndOfALongOne()
    {
        var longTurn = RecogniseAsync(60, Cancelled);
        await _begun.WaitAsync(Cancelled);
        var shortTurn = RecogniseAsync(1, Cancelled);
        _goOn.Release(2);
        Assert.Equal("whole16000", await shortTurn);
        Assert.Equal(2, _decoder.Wholes.Count);
        _goOn.Release(10);
        string[] parts = (await longTurn).Split(' ');
        Assert.Equal(_decoder.Wholes.Count - 1, parts.Length);
    }

    [Fact]
    public async Task ALongTurnOfSomebodyWhoLeft_IsNotGoneOnWith()
    {
        using var cancel = new CancellationTokenSource();
        var longTurn = RecogniseAsync(60, cancel.Token);
        await _begun.WaitAsync(Cancelled);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => longTurn);
        _goOn.Release(10);
        Assert.Equal("whole16000", await RecogniseAsync(1, Cancelled));
        Assert.Equal([16_000], _decoder.Wholes);
    }

    [Fact]
    public async Task ARecogniserThatIsBehind_TellsEachStep_ThoughItFindsNoNewWords()
    {
        using var client = new PocketSphinxSpeechToTextClient(new DecoderPool(1, static () => new FakeDecoder { Understand = static _ => "the same" }, TimeProvider.System), TimeSpan.FromSeconds(30));
        var kinds = new List<SpeechToTextResponseUpdateKind>();
        await foreach (var update in client.GetStreamingTextAsync(new MemoryStream(new byte[3 * 32_000]), new SpeechToTextOptions { SpeechSampleRate = 16_000 }, Cancelled))
            kinds.Add(update.Kind);
        Assert.Equal(SpeechToTextResponseUpdateKind.TextUpdated, kinds[^1]);
        Assert.True(kinds.Count(static kind => kind == SpeechToTextResponseUpdateKind.TextUpdating) > 5, $"{kinds.Count} updates");
    }

    private async Task<string> RecogniseAsync(int seconds, CancellationToken cancellationToken) =>
        (await _client.GetTextAsync(new MemoryStream(new byte[seconds * 32_000]), new SpeechToTextOptions { SpeechSampleRate = 16_000 }, cancellationToken)).Text;
}
