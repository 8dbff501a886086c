namespace VoiceCarnival.Sessions.Tests;

/// <summary>What is said while nobody is connected.</summary>
public sealed class HeldOutputTests
{
    private readonly OutputAudioItem _item = new() { Ordinal = 1, ItemId = "item", ResponseId = "resp", OutputIndex = 0, ContentIndex = 0, Format = "audio/pcm", SampleRate = 24_000 };
    private readonly ScriptedConnection _connection = new();

    [Fact]
    public void AudioOfALongAnswer_LeavesRoomForTheEventsAfterIt()
    {
        var held = new HeldOutput(10_000);
        for (int i = 0; i < 20; i++)
            AddAudio(held, i, bytes: 960);
        for (int i = 0; i < 5; i++)
            held.AddEvent("response.output_audio_transcript.delta", new byte[400]);
        held.AddEvent("response.done", new byte[400]);
        Assert.False(held.Overflowed);
        Assert.Equal(13 * 20, held.DroppedAudioMilliseconds);
        held.DrainTo(_connection);
        Assert.Equal([.. Enumerable.Range(0, 7).Select(i => $"item@{i * 480}+480"), .. Enumerable.Repeat("response.output_audio_transcript.delta", 5), "response.done"], _connection.Log);
    }

    [Fact]
    public void EventsThatNeedMore_TakeItFromTheNewestAudio()
    {
        var held = new HeldOutput(10_000);
        for (int i = 0; i < 7; i++)
            AddAudio(held, i, bytes: 960);
        for (int i = 0; i < 5; i++)
            held.AddEvent("conversation.item.done", new byte[1000]);
        Assert.False(held.Overflowed);
        Assert.Equal(2 * 20, held.DroppedAudioMilliseconds);
        held.DrainTo(_connection);
        Assert.Equal("item@1920+480", _connection.Log[4]);
        Assert.Equal("conversation.item.done", _connection.Log[5]);
    }

    [Fact]
    public void EventsAlone_OverflowOnlyWhenTheyAreTooMany()
    {
        var held = new HeldOutput(10_000);
        for (int i = 0; i < 10; i++)
            held.AddEvent("conversation.item.done", new byte[1000]);
        Assert.False(held.Overflowed);
        held.AddEvent("conversation.item.done", new byte[1]);
        Assert.True(held.Overflowed);
    }

    [Fact]
    public void AudioOfAnUpstream_IsHandedOverWithTheBase64InIt()
    {
        var held = new HeldOutput(10_000);
        byte[] e = """{"type":"response.output_audio.delta","delta":"AQIDBA=="}"""u8.ToArray();
        held.AddAudio(new EngineAudio { Item = _item, SampleOffset = 0, SampleCount = 2, Event = e, Base64 = e.AsSpan(e.AsSpan().IndexOf("AQ"u8), 8) });
        held.DrainTo(_connection);
        Assert.Equal(["AQIDBA=="], _connection.Base64);
    }

    private void AddAudio(HeldOutput held, int number, int bytes) =>
        held.AddAudio(new EngineAudio { Item = _item, SampleOffset = number * bytes / 2, SampleCount = bytes / 2, Payload = new byte[bytes] });
}
