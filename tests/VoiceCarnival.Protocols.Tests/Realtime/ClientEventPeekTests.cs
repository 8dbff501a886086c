using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Protocols.Tests.Realtime;

public sealed class ClientEventPeekTests
{
    private static ClientEventKind Kind(string json) => ClientEventPeek.KindOf(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData("session.update", ClientEventKind.SessionUpdate)]
    [InlineData("input_audio_buffer.append", ClientEventKind.BufferAppend)]
    [InlineData("input_audio_buffer.commit", ClientEventKind.BufferCommit)]
    [InlineData("input_audio_buffer.clear", ClientEventKind.BufferClear)]
    [InlineData("output_audio_buffer.clear", ClientEventKind.OutputBufferClear)]
    [InlineData("conversation.item.create", ClientEventKind.ItemCreate)]
    [InlineData("conversation.item.retrieve", ClientEventKind.ItemRetrieve)]
    [InlineData("conversation.item.truncate", ClientEventKind.ItemTruncate)]
    [InlineData("conversation.item.delete", ClientEventKind.ItemDelete)]
    [InlineData("response.create", ClientEventKind.ResponseCreate)]
    [InlineData("response.cancel", ClientEventKind.ResponseCancel)]
    [InlineData("voicecarnival.ping", ClientEventKind.Ping)]
    [InlineData("voicecarnival.playout", ClientEventKind.Playout)]
    [InlineData("transcription_session.update", ClientEventKind.Unknown)]
    [InlineData("session.updat", ClientEventKind.Unknown)]
    [InlineData("session.updatee", ClientEventKind.Unknown)]
    [InlineData("", ClientEventKind.Unknown)]
    public void Type_IsFoundWhereverItStands(string type, ClientEventKind kind)
    {
        Assert.Equal(kind, Kind($$"""{"type":"{{type}}"}"""));
        Assert.Equal(kind, Kind($$""" { "event_id" : "e", "nested" : { "type" : "response.cancel", "a" : [1, {"type":"x"}] }, "type" : "{{type}}", "more": 1 } """));
    }

    [Theory]
    [InlineData("{\"ty\\u0070e\":\"response.create\"}", ClientEventKind.ResponseCreate)]
    [InlineData("{\"type\":\"response\\u002ecreate\"}", ClientEventKind.ResponseCreate)]
    [InlineData("{\"type\":\"response.create\",\"type\":\"response.cancel\"}", ClientEventKind.ResponseCreate)]
    [InlineData("{\"a\":{\"type\":\"response.create\"}}", ClientEventKind.Malformed)]
    [InlineData("{\"type\":{\"type\":\"response.create\"}}", ClientEventKind.Malformed)]
    [InlineData("{\"type\":null}", ClientEventKind.Malformed)]
    [InlineData("[\"type\",\"response.create\"]", ClientEventKind.Malformed)]
    [InlineData("\"response.create\"", ClientEventKind.Malformed)]
    [InlineData("", ClientEventKind.Malformed)]
    [InlineData("nonsense", ClientEventKind.Malformed)]
    [InlineData("{\"\\ud800\":1}", ClientEventKind.Malformed)]
    public void OddMessage_IsWhatItsTopLevelTypeSays(string json, ClientEventKind kind) => Assert.Equal(kind, Kind(json));

    [Fact]
    public void TypeWithHalfASurrogatePair_IsNoKnownType() =>
        Assert.True(Kind("{\"type\":\"\\ud800aaaaaaaaaaaaaaa\"}") is ClientEventKind.Malformed or ClientEventKind.Unknown);

    [Fact]
    public void EveryTruncatedLength_IsMalformedOrRight()
    {
        byte[] json = """{"event_id":"a\u0062c","x":[1,2,{"y":"\\"}],"type":"conversation.item.create","item":{}}"""u8.ToArray();
        int typeEnd = json.AsSpan().IndexOf("create\""u8) + 7;
        for (int length = 0; length <= json.Length; length++)
            Assert.Equal(length < typeEnd ? ClientEventKind.Malformed : ClientEventKind.ItemCreate, ClientEventPeek.KindOf(json.AsSpan(0, length)));
    }

    [Fact]
    public void HugeEvent_IsReadOnlyAsFarAsItsType_WithoutAllocation()
    {
        byte[] json = Encoding.UTF8.GetBytes($$"""{"type":"input_audio_buffer.append","audio":"{{new string('A', 15_000_000)}}""");
        Assert.Equal(ClientEventKind.BufferAppend, ClientEventPeek.KindOf(json));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
                ClientEventPeek.KindOf(json);
        }));
    }

    [Fact]
    public void DeepNesting_IsMalformed() => Assert.Equal(ClientEventKind.Malformed, Kind("{\"a\":" + new string('[', 100_000)));

    [Fact]
    public void RandomBytes_NeverThrow()
    {
        var random = new Random(1);
        byte[] seed = """{"ty\u0070e":"response.create","a":[{}],"b":"\ud83d\ude00"}"""u8.ToArray();
        for (int i = 0; i < 50_000; i++)
        {
            byte[] bytes = [.. seed];
            for (int n = random.Next(1, 5); n > 0; n--)
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : "{}[]\":,\\udt0"u8[random.Next(12)];
            ClientEventPeek.KindOf(bytes);
        }
    }
}
