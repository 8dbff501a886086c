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

    [Fact]
    public void WhileSomebodySpeaks_TheWordsAreThoseListenedTo()
    {
        Say(5);

        Assert.Equal($"heard{5 * Piece}", _utterance.Text);
        Assert.Empty(_decoder.Wholes);
    }

    [Fact]
    public void InAPause_TheWholeIsRecognised_AndItIsFinalWhenTheTurnEndsThere()
    {
        Say(10);
        Pause(2); // 128 ms
        Assert.Equal([12 * Piece], _decoder.Wholes);

        Pause(3);

        Assert.Equal($"whole{12 * Piece}", _utterance.Finish());
        Assert.Single(_decoder.Wholes);
    }

    [Fact]
    public void SpeechAfterAPause_IsListenedToBehindWhatIsKnown_AndTheWholeIsRecognisedAnew()
    {
        Say(10);
        Pause(3);
        Say(4);
        // From where the whole ended, so that the beginning of the word is not lost.
        Assert.Equal($"whole{12 * Piece} heard{5 * Piece}", _utterance.Text);

        Assert.Equal($"whole{17 * Piece}", _utterance.Finish());
    }

    [Fact]
    public void WhoIsBehindTheSpeaker_DoesNotListenAlong_AndUnderstandsAllOfItInTheEnd()
    {
        Say(3);
        short[] piece = new short[Piece];
        piece.AsSpan().Fill(1000);
        for (int i = 0; i < 7; i++)
            _utterance.Add(piece, isBehind: true);
        _utterance.Add(new short[3 * Piece], isBehind: true);

        Assert.Equal($"heard{3 * Piece}", _utterance.Text);
        Assert.Empty(_decoder.Wholes);
        Assert.Equal($"whole{13 * Piece}", _utterance.Finish());
    }

    [Fact]
    public void WhoHasCaughtUp_ListensAlongAgainAfterThePause()
    {
        short[] piece = new short[Piece];
        piece.AsSpan().Fill(1000);
        _utterance.Add(piece, isBehind: true);
        Pause(2);
        Assert.Equal([3 * Piece], _decoder.Wholes);

        Say(2);

        Assert.Equal($"whole{3 * Piece} heard{2 * Piece}", _utterance.Text);
    }

    [Fact]
    public void AStopWithinAWord_IsNoPause()
    {
        Say(4);
        Pause(1);
        Say(4);

        Assert.Empty(_decoder.Wholes);
        Assert.Equal(1, _decoder.Begins);
    }

    [Fact]
    public void AfterALongPause_WhatCameBeforeStays()
    {
        Say(4);
        Pause(40);
        Say(4);

        string text = _utterance.Finish();

        Assert.Equal(2, _decoder.Wholes.Count);
        Assert.Equal($"whole{6 * Piece} whole{(4 * Piece) + 8000}", text);
    }

    [Fact]
    public void ALongSpeech_IsRecognisedInPartsThatEndInPauses()
    {
        for (int i = 0; i < 30; i++)
        {
            Say(20);
            Pause(3);
        }

        _utterance.Finish();

        Assert.InRange(_decoder.Wholes.Max(), 5 * 16_000, 25 * 16_000);
        Assert.Equal(30 * 23 * Piece, _decoder.Wholes.Zip([.. _decoder.Wholes.Skip(1), 0]).Where(pair => pair.Second < pair.First).Sum(pair => pair.First), 10.0 * Piece);
    }

    [Fact]
    public void SpeechWithoutAPause_IsCutAtLast()
    {
        Say(16_000 * 60 / Piece);

        Assert.Equal(2, _decoder.Wholes.Count);
        Assert.All(_decoder.Wholes, length => Assert.InRange(length, 25 * 16_000, (25 * 16_000) + (2 * Piece)));
    }

    [Fact]
    public void SpeechWithoutEnd_IsHeardForFiveMinutes()
    {
        Say((Utterance.MaxSamples / Piece) + 1000);

        _utterance.Finish();

        Assert.InRange(_decoder.Wholes.Sum(), Utterance.MaxSamples - Piece, Utterance.MaxSamples);
    }

    [Fact]
    public void SilenceAlone_IsAskedForItsWordsAllTheSame()
    {
        Pause(20);

        Assert.Equal($"whole{20 * Piece}", _utterance.Finish());
    }

    [Fact]
    public void NothingAtAll_IsNothing() => Assert.Equal("", _utterance.Finish());

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
