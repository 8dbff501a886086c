using System.Text;
using System.Text.Json;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Realtime;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Transports.Tests.WebSocket;

public sealed class AudioFrameTests
{
    private static readonly OutputAudioItem Item = new()
    {
        Ordinal = 7,
        ItemId = "item_abc",
        ResponseId = "resp_def",
        OutputIndex = 2,
        ContentIndex = 1,
        Format = "audio/pcm",
        SampleRate = 24_000,
    };

    [Fact]
    public void Binary_HasTheHeaderOfTheContract()
    {
        byte[] samples = [1, 2, 3, 4];
        var message = AudioFrame.Binary(new EngineAudio { Item = Item, SampleOffset = 0x1_0000_0002, SampleCount = 2, Payload = samples });
        Assert.Equal([7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4], message.Bytes.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4800)]
    [InlineData(100_000)]
    public void Json_IsADeltaEventOfTheSchema(int bytes)
    {
        var payload = new byte[bytes];
        new Random(bytes).NextBytes(payload);
        var message = AudioFrame.Json(new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = bytes / 2, Payload = payload, Event = default });
        string text = Encoding.UTF8.GetString(message.Bytes.Span);
        Assert.Empty(RealtimeSchema.ValidateServerEvent(text));
        using var json = JsonDocument.Parse(text);
        Assert.Equal(payload, json.RootElement.GetProperty("delta").GetBytesFromBase64());
        Assert.Equal("item_abc", json.RootElement.GetProperty("item_id").GetString());
    }

    [Fact]
    public void UpstreamEvent_IsPassedOnUntouched()
    {
        var message = AudioFrame.Json(new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = 0, Event = "{\"type\":\"response.output_audio.delta\"}"u8 });
        Assert.Equal("{\"type\":\"response.output_audio.delta\"}", Encoding.UTF8.GetString(message.Bytes.Span));
    }

    [Fact]
    public void Announcement_NamesTheOrdinal()
    {
        using var json = JsonDocument.Parse(AudioFrame.Announcement(Item));
        Assert.Equal(7, json.RootElement.GetProperty("ordinal").GetInt32());
        Assert.Equal("resp_def", json.RootElement.GetProperty("response_id").GetString());
    }
}
