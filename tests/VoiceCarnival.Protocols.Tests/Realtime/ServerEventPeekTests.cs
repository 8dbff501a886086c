using System.Text;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Protocols.Tests.Realtime;

public sealed class ServerEventPeekTests
{
    private const string Delta = """{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":2,"content_index":1,"delta":"AQIDBA=="}""";

    [Theory]
    [InlineData("""{"type":"response.output_audio.delta","delta":"AAAA"}""", "response.output_audio.delta")]
    [InlineData("""{"event_id":"e","session":{"type":"realtime"},"type":"session.created"}""", "session.created")]
    [InlineData("""{"type":"something.new"}""", "something.new")]
    [InlineData("""{"type":5}""", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    [InlineData("""{"type":"\ud800"}""", null)]
    public void Type_IsFoundWhereverItStands(string json, string? type) => Assert.Equal(type, ServerEventPeek.TypeOf(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void AudioDelta_GivesItsFields()
    {
        Assert.True(AudioDeltaFields.TryRead(Encoding.UTF8.GetBytes(Delta), out var fields));
        Assert.Equal("i", Encoding.UTF8.GetString(fields.ItemId));
        Assert.Equal("r", Encoding.UTF8.GetString(fields.ResponseId));
        Assert.Equal((2, 1, 4), (fields.OutputIndex, fields.ContentIndex, fields.AudioLength));
        Assert.Equal("AQIDBA==", Encoding.UTF8.GetString(fields.Base64));
    }

    [Fact]
    public void AnyPartOfAnEvent_IsRefusedWithoutAnException()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Delta);
        for (int length = 0; length < bytes.Length; length++)
        {
            _ = ServerEventPeek.TypeOf(bytes.AsSpan(0, length));
            Assert.False(AudioDeltaFields.TryRead(bytes.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("""{"item_id":"i","delta":"AAA"}""")]
    [InlineData("""{"item_id":5,"delta":"AAAA"}""")]
    [InlineData("""{"item_id":"i","content_index":-1,"delta":"AAAA"}""")]
    [InlineData("""{"delta":"AAAA"}""")]
    public void DeltaOfAnotherShape_IsRefused(string json) => Assert.False(AudioDeltaFields.TryRead(Encoding.UTF8.GetBytes(json), out _));
}
