using System.Text.Json;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Local;

/// <summary>The chat brain with a model server over HTTP that answers well, late, in halves, with errors and not at all; its words are spoken by the embedded voice.</summary>
public sealed class ChatTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private ModelServer _model = null!;
    private Conversation _conversation = null!;

    public async ValueTask InitializeAsync()
    {
        _model = await ModelServer.StartAsync();
        _conversation = Talk();
    }

    private Conversation Talk(int timeoutSeconds = 90) => new(
        ("VoiceCarnival:Local:Brain", "chat"), ("VoiceCarnival:Local:SpeechToText:Provider", "none"), ("VoiceCarnival:Local:Chat:PatienceSeconds", "0"),
        ("VoiceCarnival:Local:ChatModel:BaseUrl", _model.BaseUrl), ("VoiceCarnival:Local:ChatModel:Model", "m"),
        ("VoiceCarnival:Local:ChatModel:TimeoutSeconds", $"{timeoutSeconds}"));

    public async ValueTask DisposeAsync()
    {
        await _conversation.DisposeAsync();
        await _model.DisposeAsync();
    }

    private static async Task<ReceivedEvent> AskAsync(RealtimeTestClient client, string text)
    {
        await client.SendAsync(new { type = "conversation.item.create", item = new { type = "message", role = "user", content = new[] { new { type = "input_text", text } } } });
        await client.SendAsync("""{"type":"response.create"}""");
        return await client.WaitForAsync("response.done", timeout: Patience);
    }

    [Fact]
    public async Task WhatTheModelWrites_IsSpoken_AndItsTokensCounted()
    {
        _model.AnswerWith("Hello ", "there. ", "How are you?");
        await using var client = await _conversation.CallAsync();
        var done = await AskAsync(client, "Hi");
        Assert.Equal("Hello there. How are you?", done.Text("response.output.0.content.0.transcript"));
        Assert.Equal("31", done.Text("response.usage.input_tokens"));
        Assert.Equal("9", done.Text("response.usage.output_token_details.text_tokens"));
        Assert.InRange(Assert.Single(client.Audio).Samples.Length, 24_000, 240_000);
        var asked = Assert.Single(_model.Requests);
        Assert.True(asked.GetProperty("stream").GetBoolean());
        Assert.Equal("Hi", Last(asked).GetProperty("content").ValueKind == JsonValueKind.String ? Last(asked).GetProperty("content").GetString() : Last(asked).GetProperty("content")[0].GetProperty("text").GetString());
        client.AssertNoProblems();
        Assert.Empty(EventFlow.Violations(client.Events, complete: false));
    }

    [Fact]
    public async Task ItsFunctionCall_GoesToTheCaller_AndTheResultBack()
    {
        _model.AnswerWithCall("get_time", """{"zone":"utc"}""");
        _model.AnswerWith("It is noon.");
        await using var client = await _conversation.CallAsync(more: """
            "tools":[{"type":"function","name":"get_time","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}],
            """);
        var call = await AskAsync(client, "What time is it?");
        Assert.Equal("get_time", call.Text("response.output.0.name"));
        Assert.Equal("""{"zone":"utc"}""", call.Text("response.output.0.arguments"));
        await client.SendAsync(new { type = "conversation.item.create", item = new { type = "function_call_output", call_id = call.Text("response.output.0.call_id"), output = "12:00" } });
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("It is noon.", (await client.WaitForAsync("response.done", timeout: Patience)).Text("response.output.0.content.0.transcript"));
        var asked = _model.Requests.Last();
        Assert.Equal("tool", Last(asked).GetProperty("role").GetString());
        Assert.Contains("12:00", Last(asked).GetRawText(), StringComparison.Ordinal);
        client.AssertNoProblems();
    }

    [Theory]
    [InlineData(429, "rate_limit_exceeded", "Sorry, too many people are asking me things right now. Please try again in a little while.")]
    [InlineData(500, "server_error", "Sorry, I cannot think right now. Please try again in a moment.")]
    public async Task ARefusal_IsApologisedForAloud_AndTold(int status, string code, string apology)
    {
        _model.Refuse(status, code, "No.");
        await using var client = await _conversation.CallAsync();
        var done = await AskAsync(client, "Hi");
        AssertApology(client, done, apology);
        Assert.Equal(code, done.Text("response.status_details.error.code"));

        // The next turn is a new chance.
        _model.AnswerWith("Here again.");
        Assert.Equal("Here again.", (await AskAsync(client, "And now?")).Text("response.output.0.content.0.transcript"));
    }

    [Fact]
    public async Task Silence_IsApologisedForAloud_AndTold()
    {
        _model.Hang();
        await using var impatient = Talk(timeoutSeconds: 1);
        await using var client = await impatient.CallAsync();
        var done = await AskAsync(client, "Hi");
        AssertApology(client, done, "Sorry, I cannot think right now. Please try again in a moment.");
        Assert.Equal("timeout", done.Text("response.status_details.error.code"));
    }

    [Fact]
    public async Task AStreamThatBreaksOff_IsApologisedForAloud_AndTold()
    {
        _model.BreakAfter("I was about to say. ", "Some");
        await using var client = await _conversation.CallAsync();
        AssertApology(client, await AskAsync(client, "Hi"), "I was about to say. Some Sorry, I lost my train of thought.");
    }

    private static JsonElement Last(JsonElement request) => request.GetProperty("messages").EnumerateArray().Last();

    private static void AssertApology(RealtimeTestClient client, ReceivedEvent done, string words)
    {
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal(words, done.Text("response.output.0.content.0.transcript"));
        Assert.InRange(Assert.Single(client.Audio).Samples.Length, 24_000, 480_000);
        Assert.Equal(done.Text("response.status_details.error.code"), Assert.Single(client.Events, e => e.Type == "error").Text("error.code"));
        client.AssertNoProblems();
    }
}
