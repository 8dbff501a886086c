using System.Text;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Protocols.Tests.Realtime;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("{\"a\":\"plain\"}", true)]
    [InlineData("\"\\ud83d\\ude00\"", true)]
    [InlineData("\"\\uD83D\\uDE00\\uD83D\\uDE00\"", true)]
    [InlineData("\"\\\\ud800\"", true)]
    [InlineData("\"\\n\\u00e9\\\\\"", true)]
    [InlineData("\"\\ud800\"", false)]
    [InlineData("\"\\ud800x\"", false)]
    [InlineData("\"\\ud800\\n\"", false)]
    [InlineData("\"\\ud800\\u0041\"", false)]
    [InlineData("\"\\udc00\"", false)]
    [InlineData("\"\\ud800\\ud800\\udc00\"", false)]
    [InlineData("\"\\ud800\\udc00\\udc00\"", false)]
    [InlineData("\"\\ud800", false)]
    [InlineData("\"\\ud800\\", false)]
    [InlineData("\"\\", true)]
    [InlineData("\"\\u12", true)]
    public void Escapes_AreWholePairs(string json, bool expected) => Assert.Equal(expected, JsonText.IsUnicode(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_AreValidUtf8()
    {
        Assert.True(JsonText.IsUnicode("\"é😀\""u8));
        Assert.False(JsonText.IsUnicode([0x22, 0xFF, 0x22]));
        Assert.False(JsonText.IsUnicode([0x22, 0xC3]));
    }
}
