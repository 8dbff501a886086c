using VoiceCarnival.Engines.OpenAIRealtime.Input;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime;

public sealed class InputAudioTests
{
    private const int Second = 48_000;
    private readonly InputAudio _input = new(10 * Second) { Lead = Second / 2 };

    [Fact]
    public void BetweenTurns_TheNewestMomentIsNeeded_AndNoMoreIsKept()
    {
        Say(seconds: 5);
        _input.Arrived(_input.Sent);
        Assert.Equal((9 * Second / 2, 0L), Rewind());
        Assert.Equal(Sound(9 * Second / 2, 5 * Second), Unsent());
    }

    [Fact]
    public void WhatIsNotProvedToHaveArrived_IsNeeded()
    {
        Say(seconds: 2);
        _input.Arrived(_input.Sent);
        Say(seconds: 5);
        Assert.Equal((2 * Second, 0L), Rewind());
        Assert.Equal(Sound(2 * Second, 7 * Second), Unsent());
    }

    [Fact]
    public void PastTheBound_TheOldestIsGone_AndCounted()
    {
        Say(seconds: 2);
        _input.Arrived(_input.Sent);
        Say(seconds: 13);
        Assert.Equal((5 * Second, 3L * Second), Rewind());
    }

    [Fact]
    public void WhatCameWhileNobodyListened_FollowsInItsPlace()
    {
        Say(seconds: 1);
        _input.Arrived(_input.Sent);
        _input.Add(Sound(Second, 3 * Second));
        Assert.Equal((Second / 2, 0L), Rewind());
        Assert.Equal(Sound(Second / 2, 3 * Second), Unsent());
        Assert.Equal(_input.End, _input.Sent);
    }

    [Fact]
    public void TurnUnderWay_IsNeededFromItsFirstSound()
    {
        Say(seconds: 3);
        _input.SpeechStarted(5 * Second / 2);
        Say(seconds: 4);
        _input.Arrived(_input.Sent);
        Assert.Equal((5 * Second / 2, 0L), Rewind());
    }

    [Fact]
    public void TurnThatEnded_IsNotHeardTwice_AndStaysForItsItem()
    {
        Say(seconds: 2);
        _input.SpeechStarted(Second);
        Say(seconds: 2);
        _input.SpeechStopped(39 * Second / 10);
        _input.Committed("item", null);
        Assert.Equal((39 * Second / 10, 0L), Rewind());
        Assert.Equal("item", _input.TurnItem);
        Assert.Equal(Convert.ToBase64String(Sound(Second, 39 * Second / 10)), _input.TurnBase64);
        _input.Answered();
        Assert.Null(_input.TurnBase64);
    }

    [Fact]
    public void PushToTalk_AllSinceTheLastCommitIsNeeded()
    {
        _input.IsPushToTalk = true;
        Say(seconds: 2);
        _input.Committed("first", Second);
        Say(seconds: 2);
        _input.Arrived(_input.Sent);
        Assert.Equal(Convert.ToBase64String(Sound(0, Second)), _input.TurnBase64);
        Assert.Equal((Second, 0L), Rewind());
        Assert.Equal(Sound(Second, 4 * Second), Unsent());
    }

    [Fact]
    public void ClearedAudio_IsNotNeeded()
    {
        _input.IsPushToTalk = true;
        Say(seconds: 2);
        _input.Cleared(null);
        Assert.Equal((2 * Second, 0L), Rewind());
        Assert.Empty(Unsent());
    }

    [Fact]
    public void OddPieces_AreTakenUpAtAWholeSample()
    {
        for (int i = 0; i < 1001; i++)
        {
            _input.Add(Sound(i * 101, (i + 1) * 101));
            _input.AllSent();
        }

        _input.Arrived(_input.Sent);
        var (from, dropped) = Rewind();
        Assert.Equal((0, 0L), (from % 2, dropped));
        Assert.Equal(Sound(from, 1001 * 101), Unsent());
    }

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAECAw=="}""", 4)]
    [InlineData("""{"audio":"\/w==","type":"input_audio_buffer.append"}""", 1)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"not base64"}""", 0)]
    [InlineData("""{"type":"input_audio_buffer.append"}""", 0)]
    public void AppendEvent_CountsWithWhatItHolds(string json, long length)
    {
        _input.AddAppend(System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Equal(length, _input.End);
    }

    [Fact]
    public void RandomConversations_NeverLoseWhatIsNeeded_WithinTheBound()
    {
        var random = new Random(3);
        for (int round = 0; round < 50; round++)
        {
            var input = new InputAudio(20_000) { Lead = random.Next(5000), IsPushToTalk = random.Next(4) == 0 };
            for (int step = 0; step < 300; step++)
            {
                switch (random.Next(12))
                {
                    case 0:
                        input.Arrived(random.NextInt64(input.Sent + 2000));
                        break;
                    case 1:
                        input.SpeechStarted(random.NextInt64(input.Sent + 1));
                        break;
                    case 2:
                        input.SpeechStopped(random.NextInt64(input.Sent + 1));
                        break;
                    case 3:
                        input.Committed("i", random.Next(2) == 0 ? random.NextInt64(input.Sent + 1) : null);
                        break;
                    case 4:
                        long needed = input.NeededFrom;
                        long dropped = input.Rewind();
                        Assert.Equal(input.Sent, needed + dropped);
                        Assert.True(dropped == 0 || input.End - input.Sent > 20_000 - 4);
                        long from = input.Sent;
                        var heard = new List<byte>();
                        while (input.TakeUnsent(input.End) is { Length: > 0 } piece)
                            heard.AddRange(piece);
                        Assert.Equal(Sound((int)from, (int)input.End), heard);
                        input.AllSent();
                        break;
                    default:
                        int length = random.Next(1500);
                        input.Add(Sound((int)input.End, (int)input.End + length));
                        if (random.Next(3) > 0)
                            input.AllSent();
                        break;
                }
            }

            input.Clear();
        }
    }

    // Each byte tells its place.
    private static byte[] Sound(int from, int to) => [.. Enumerable.Range(from, to - from).Select(at => (byte)(at * 7 + (at >> 8)))];

    private void Say(int seconds)
    {
        for (int i = 0; i < seconds * 50; i++)
        {
            _input.Add(Sound((int)_input.End, (int)_input.End + 960));
            _input.AllSent();
        }
    }

    private (int From, long Dropped) Rewind()
    {
        long dropped = _input.Rewind();
        return ((int)_input.Sent, dropped);
    }

    private byte[] Unsent()
    {
        var all = new List<byte>();
        while (_input.TakeUnsent(_input.End) is { Length: > 0 } piece)
            all.AddRange(piece);
        return [.. all];
    }
}
