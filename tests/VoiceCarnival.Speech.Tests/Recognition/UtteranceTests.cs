using VoiceCarnival.Speech.Recognition;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

public sealed class UtteranceTests
{
    private const int Piece = 1024;
    private readonly FakeDecoder _decoder = new();
    private readonly Utterance _utterance;

    public UtteranceTests() => _utterance = new Utterance(_decoder, new LoudnessDetector());

    private void Say(int pieces, short loudness = 1000)
    {
        short[] piece = new short[Piece];
        piece.AsSpan().Fill(loudness);
        for (int i = 0; i < pieces; i++)
            _utterance.Add(piece);
    }

    private void Pause(int pieces) => Say(pieces, 0);

    private void SearchAll()
    {
        while (_utterance.HasMore)
            _utterance.Search();
    }

    private string Finish()
    {
        _utterance.End();
        return _utterance.Finish();
    }

    [Fact]
    public void WhileSomebodySpeaks_TheWordsAreThoseThatWereSearched()
    {
        Say(10);
        Assert.Equal("heard0", _utterance.Text);
        Assert.True(_utterance.HasMore);

        _utterance.Search();
        Assert.Equal($"heard{Utterance.StepMilliseconds * 16}", _utterance.Text);
        SearchAll();

        Assert.Equal($"heard{10 * Piece}", _utterance.Text);
        Assert.Empty(_decoder.Wholes);
        Assert.Empty(_decoder.Adaptions);
    }

    [Fact]
    public void InAPause_TheDecoderAdapts_AndNothingIsLeftToDoWhenTheTurnEndsThere()
    {
        Say(10);
        Pause(1); // 64 ms
        Assert.Equal([11 * Piece], _decoder.Adaptions);
        Pause(6);
        Assert.Equal([11 * Piece], _decoder.Adaptions);
        SearchAll();

        _utterance.End();

        Assert.False(_utterance.HasMore);
        Assert.Equal($"whole{17 * Piece}", _utterance.Finish());
        Assert.Equal([11 * Piece], _decoder.Adaptions);
    }

    [Fact]
    public void WhileSomebodySpeaks_TheDecoderAdaptsWheneverTwiceAsMuchWasHeard()
    {
        for (int i = 0; i < 16_000 * 9 / Piece; i++)
        {
            _utterance.Add(Enumerable.Repeat((short)1000, 512).ToArray());
            SearchAll();
            _utterance.Add(Enumerable.Repeat((short)1000, 512).ToArray());
            SearchAll();
        }

        Assert.Equal([1, 2, 4, 8], _decoder.Adaptions.Select(length => length / 16_000));
    }

    [Fact]
    public void WhoIsBehindTheSpeaker_AdaptsInPausesOnly()
    {
        Say(40);
        Assert.Empty(_decoder.Adaptions);
        Pause(1);
        Assert.Equal([41 * Piece], _decoder.Adaptions);
    }

    [Fact]
    public void SpeechAfterAPause_GoesOnWithTheSameSearch_AndIsAdaptedToInTheNext()
    {
        Say(10);
        Pause(3);
        Say(4);
        Pause(2);

        Assert.Equal([11 * Piece, 18 * Piece], _decoder.Adaptions.Where(length => length is 11 * Piece or 18 * Piece));
        Assert.Equal($"whole{19 * Piece}", Finish());
        Assert.Equal(1, _decoder.Begins);
    }

    [Fact]
    public void ATurnThatEndsInTheMiddleOfSpeech_IsAdaptedToAtItsEnd()
    {
        Say(4);

        Assert.Equal($"whole{4 * Piece}", Finish());
        Assert.Equal([4 * Piece], _decoder.Adaptions);
    }

    [Fact]
    public void AStopWithinAWord_IsNoPause()
    {
        Say(4);
        _utterance.Add(new short[512]);
        Say(4);

        Assert.Empty(_decoder.Adaptions);
        Assert.Equal(1, _decoder.Begins);
    }

    [Fact]
    public void SilenceBetweenTheWords_IsSearchedForHalfASecondOnly()
    {
        Say(4);
        Pause(12); // 768 ms
        SearchAll();
        Assert.Equal([5 * Piece], _decoder.Adaptions);
        Assert.Equal($"heard{(4 * Piece) + 8192}", _utterance.Text);

        // It was only a pause: nothing of it is missing.
        Say(4);
        Assert.Equal($"whole{20 * Piece}", Finish());
    }

    [Fact]
    public void AfterALongPause_WhatCameBeforeStays()
    {
        Say(4);
        Pause(40);
        Say(4);

        Assert.Equal($"whole{(4 * Piece) + 8192} whole{(4 * Piece) + 8000}", Finish());
    }

    [Fact]
    public void ALongSpeech_IsRecognisedInPartsThatEndInPauses()
    {
        for (int i = 0; i < 30; i++)
        {
            Say(20);
            Pause(3);
        }

        Finish();

        Assert.InRange(_decoder.Wholes.Count, 2, 4);
        Assert.All(_decoder.Wholes.SkipLast(1), length => Assert.InRange(length, 15 * 16_000, 25 * 16_000));
        Assert.Equal(30 * 23 * Piece, _decoder.Wholes.Sum(), 4.0 * Piece);
    }

    [Fact]
    public void SpeechWithoutAPause_IsCutAtLast_AndIsFullBeforeThat()
    {
        Say(16_000 * 14 / Piece);
        Assert.False(_utterance.IsFull);
        Say(16_000 * 2 / Piece);
        Assert.True(_utterance.IsFull);
        SearchAll();
        Assert.False(_utterance.IsFull);
        Say(16_000 * 44 / Piece);

        Assert.Equal(2, _decoder.Wholes.Count);
        Assert.All(_decoder.Wholes, length => Assert.InRange(length, 25 * 16_000, (25 * 16_000) + (2 * Piece)));
    }

    [Fact]
    public void SpeechWithoutEnd_IsHeardForFiveMinutes()
    {
        Say((Utterance.MaxSamples / Piece) + 1000);

        Finish();

        Assert.InRange(_decoder.Wholes.Sum(), Utterance.MaxSamples - Piece, Utterance.MaxSamples);
    }

    [Fact]
    public void SilenceAlone_IsAskedForItsWordsAllTheSame()
    {
        Pause(20);

        Assert.Equal($"whole{20 * Piece}", Finish());
    }

    [Fact]
    public void PiecesOfAnyLength_AreTheSame()
    {
        var random = new Random(3);
        int said = 0;
        for (int i = 0; i < 200; i++)
        {
            short[] piece = new short[random.Next(700)];
            piece.AsSpan().Fill(1000);
            _utterance.Add(piece);
            said += piece.Length;
        }

        Assert.Equal($"whole{said}", Finish());
    }

    [Fact]
    public void NothingAtAll_IsNothing() => Assert.Equal("", Finish());

    [Fact]
    public void AWholeOfTwoMinutes_IsRecognisedInPartsThatEndWhereItIsQuiet()
    {
        short[] samples = new short[120 * 16_000];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(i / 16_000 % 20 == 18 ? 0 : 1000);

        int[] parts = [.. Utterance.Parts(samples).Select(part => part.Length)];

        Assert.Equal(samples.Length, parts.Sum());
        int end = 0;
        foreach (int length in parts.SkipLast(1))
        {
            end += length;
            Assert.InRange(length, 1, 25 * 16_000);
            Assert.Equal(18, end / 16_000 % 20);
        }
    }
}
