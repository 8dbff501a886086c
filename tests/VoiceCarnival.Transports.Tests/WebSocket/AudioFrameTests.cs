using System.Text;
using System.Text.Json;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Realtime;
using VoiceCarnival.Transports.WebSocket;
using VoiceCarnival.WebSockets;

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
        byte[] message = Written(new AudioFrame(new EngineAudio { Item = Item, SampleOffset = 0x1_0000_0002, SampleCount = 2, Payload = samples }));
        Assert.Equal([7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4], message);
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
        string text = Encoding.UTF8.GetString(Written(new AudioDelta(new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = bytes / 2, Payload = payload }, isBeta: false)));
        Assert.Empty(RealtimeSchema.ValidateServerEvent(text));
        using var json = JsonDocument.Parse(text);
        Assert.Equal(payload, json.RootElement.GetProperty("delta").GetBytesFromBase64());
        Assert.Equal("item_abc", json.RootElement.GetProperty("item_id").GetString());
    }

    [Fact]
    public void BetaJson_DiffersInItsNameOnly()
    {
        var audio = new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = 2, Payload = [1, 2, 3, 4] };
        using var beta = JsonDocument.Parse(Written(new AudioDelta(audio, isBeta: true)));
        using var ga = JsonDocument.Parse(Written(new AudioDelta(audio, isBeta: false)));
        Assert.Equal("response.audio.delta", beta.RootElement.GetProperty("type").GetString());
        Assert.Equal(Fields(ga), Fields(beta));
    }

    [Theory]
    [InlineData("AQIDBA==", 4)]
    [InlineData("AQIDBAU=", 5)]
    [InlineData("AQIDBAUG", 6)]
    [InlineData("", 0)]
    public void UpstreamBase64_IsDecodedIntoTheFrame(string base64, int bytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(base64);
        byte[] message = Written(new AudioFrame(new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = bytes / 2, Event = "{}"u8, Base64 = text }));
        Assert.Equal(Convert.FromBase64String(base64), message[AudioFrame.HeaderBytes..]);
    }

    [Theory]
    [InlineData("AQ!DBA==")]
    [InlineData("AQI")]
    [InlineData("====")]
    [InlineData("AAAA    ")]
    [InlineData("        ")]
    public void BrokenUpstreamBase64_IsSilence(string base64)
    {
        byte[] text = Encoding.UTF8.GetBytes(base64);
        byte[] message = Written(new AudioFrame(new EngineAudio { Item = Item, SampleOffset = 0, SampleCount = 0, Event = "{}"u8, Base64 = text }));
        Assert.All(message[AudioFrame.HeaderBytes..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void Announcement_NamesTheOrdinal()
    {
        using var json = JsonDocument.Parse(AudioFrame.Announcement(Item));
        Assert.Equal(7, json.RootElement.GetProperty("ordinal").GetInt32());
        Assert.Equal("resp_def", json.RootElement.GetProperty("response_id").GetString());
    }

    private static IEnumerable<string> Fields(JsonDocument json) =>
        json.RootElement.EnumerateObject().Where(p => p.Name is not ("type" or "event_id")).Select(p => p.ToString());

    private static byte[] Written<TPayload>(TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        var bytes = new byte[payload.Length];
        bytes.AsSpan().Fill(0xEE);
        payload.Write(bytes);
        return bytes;
    }
}
