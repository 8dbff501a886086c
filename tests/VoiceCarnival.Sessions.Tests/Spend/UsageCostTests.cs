using System.Text.Json;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions.Tests.Spend;

public sealed class UsageCostTests
{
    private static readonly ModelPrice Price = new() { TextIn = 4, TextCached = 0.4m, TextOut = 24, AudioIn = 32, AudioCached = 0.5m, AudioOut = 64, ImageIn = 5, ImageCached = 1, PerMinute = 0.6m };

    [Theory]
    // The cached ones are among the others: 1000 text of which 400, 2000 audio of which 1500.
    [InlineData("""{"input_tokens":3000,"output_tokens":700,"input_token_details":{"text_tokens":1000,"audio_tokens":2000,"cached_tokens":1900,"cached_tokens_details":{"text_tokens":400,"audio_tokens":1500}},"output_token_details":{"text_tokens":200,"audio_tokens":500}}""",
        (600 * 4) + (400 * 0.4) + (500 * 32) + (1500 * 0.5) + (200 * 24) + (500 * 64))]
    [InlineData("""{"input_tokens":10,"input_token_details":{"image_tokens":10,"cached_tokens":4,"cached_tokens_details":{"image_tokens":4}}}""", (6 * 5) + 4)]
    // Not told of which kind: those that save least first.
    [InlineData("""{"input_tokens":300,"input_token_details":{"text_tokens":100,"audio_tokens":200,"cached_tokens":150}}""", (100 * 0.4) + (50 * 0.5) + (150 * 32))]
    // More cached than there are.
    [InlineData("""{"input_tokens":100,"input_token_details":{"text_tokens":100,"cached_tokens":900,"cached_tokens_details":{"text_tokens":900}}}""", 100 * 0.4)]
    // No details at all: the dearest.
    [InlineData("""{"input_tokens":100,"output_tokens":10}""", (100 * 32) + (10 * 64))]
    [InlineData("""{"input_tokens":-5,"output_tokens":"many","input_token_details":7}""", 0)]
    [InlineData("""{"total_tokens":5}""", 0)]
    [InlineData("null", 0)]
    [InlineData("[1]", 0)]
    public void Tokens_CostWhatTheTableSays(string usage, double millionths) => Assert.Equal((decimal)millionths / 1_000_000, UsageCost.Of(Json(usage), Price));

    [Fact]
    public void Transcription_CostsByTokensOrByTime()
    {
        var byTokens = new ModelPrice { TextIn = 2.5m, TextOut = 10, AudioIn = 6 };
        Assert.Equal(((14 * 6) + (45 * 10) + (5 * 2.5m)) / 1_000_000, UsageCost.Of(Json("""{"type":"tokens","input_tokens":19,"output_tokens":45,"total_tokens":64,"input_token_details":{"text_tokens":5,"audio_tokens":14}}"""), byTokens));
        Assert.Equal(0.9m, UsageCost.Of(Json("""{"type":"duration","seconds":90}"""), Price));
    }

    [Fact]
    public void EngineThatAnswersByItself_CostsWhatItsOwnModelsDo_WhateverACallerCallsThem()
    {
        var prices = ModelPrice.Defaults();
        prices["voicecarnival-chat"] = Price;
        var table = new PriceTable(prices, ["voicecarnival-local", "voicecarnival-concierge", "voicecarnival-chat"]);

        Assert.Equal(("voicecarnival-chat", Price), table.Find("voicecarnival-chat"));
        foreach (string? free in (string?[])["gpt-realtime", "voicecarnival-concierge", "anything", null])
        {
            var (name, price) = table.Find(free);
            Assert.Equal(("voicecarnival-local", 0), (name, UsageCost.Of(Json("""{"input_tokens":100,"output_tokens":10}"""), price)));
        }
    }

    [Fact]
    public void AbsurdNumbers_NeitherThrowNorPayBack()
    {
        var random = new Random(20261128);
        string[] numbers = ["0", "5", "-1", "1e308", "1e999", "-1e999", "9223372036854775807", "0.5", "null", "\"7\"", "{}", "[]", "true"];
        for (int i = 0; i < 5_000; i++)
        {
            string Number() => numbers[random.Next(numbers.Length)];
            string usage = $$$"""{"seconds":{{{Number()}}},"input_tokens":{{{Number()}}},"output_tokens":{{{Number()}}},"input_token_details":{"text_tokens":{{{Number()}}},"audio_tokens":{{{Number()}}},"cached_tokens":{{{Number()}}},"cached_tokens_details":{"text_tokens":{{{Number()}}},"audio_tokens":{{{Number()}}}}},"output_token_details":{"text_tokens":{{{Number()}}}}}""";
            Assert.True(UsageCost.Of(Json(usage), Price) >= 0, usage);
        }
    }

    [Fact]
    public void Snapshots_CostWhatTheirModelCosts_AndUnknownModelsAsMuchAsTheDearest()
    {
        var table = new PriceTable(ModelPrice.Defaults());
        Assert.Equal(("gpt-realtime-2.1", 24m), Named(table.Find("gpt-realtime-2.1-2026-05-06")));
        Assert.Equal(("gpt-realtime-2.1-mini", 2.4m), Named(table.Find("gpt-realtime-2.1-mini")));
        Assert.Equal(0, table.Find("voicecarnival-local").Price.AudioOut);
        foreach (string? unknown in new[] { "gpt-realtime-2.1-2026-13-40", "gpt-realtime-2.1-huge", "my-deployment", "-2026-05-06", "", null })
        {
            var (name, price) = table.Find(unknown);
            Assert.Equal(PriceTable.Other, name);
            Assert.Equal((24m, 64m, 0.034m), (price.TextOut, price.AudioOut, price.PerMinute));
        }

        static (string, decimal) Named((string Name, ModelPrice Price) found) => (found.Name, found.Price.TextOut);
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
