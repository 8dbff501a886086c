using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains.Chat;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>The chat brain in a dialogue in virtual time. The model's words come from other threads, so the tests wait for them to arrive; nothing depends on how long that takes.</summary>
public sealed class ChatBrainTests : IDialogueThread, IDisposable
{
    private readonly ScriptedChatClient _model = new();
    private readonly FakeTimeProvider _time = new();
    private readonly HandVoice _voice = new();
    private readonly Queue<Action> _posted = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<string> _log = [];
    private readonly ChatBrainOptions _options = new();
    private DialogueHarness _h;

    public ChatBrainTests() => _h = New(speaks: false);

    public void Dispose()
    {
        _model.Dispose();
        _arrived.Dispose();
    }

    private DialogueHarness New(bool speaks) =>
        _h = new DialogueHarness(new ChatBrain(_model, _options, this, _time, new ListLogger(_log)), voice: speaks ? _voice : null);

    string IDialogueThread.SessionId => "sess_1";

    void IDialogueThread.Post(Action work)
    {
        lock (_posted)
            _posted.Enqueue(work);
        _arrived.Release();
    }

    // Lets in what the model has come to, until a condition holds.
    private async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)), $"Nothing comes any more. Events: {string.Join(", ", _h.Types)}");
            Action work;
            lock (_posted)
                work = _posted.Dequeue();
            _h.Run(work);
        }
    }

    private async Task<ReceivedEvent> DoneAsync(int responses = 1)
    {
        await UntilAsync(() => _h.Of("response.done").Count() == responses);
        return _h.Of("response.done").Last();
    }

    private void Ask(string text)
    {
        _h.CreateText(text);
        _h.Send("""{"type":"response.create"}""");
    }

    private static List<string> Said(IEnumerable<ChatMessage> messages) => [.. messages.Select(m => $"{m.Role}: {string.Join('|', m.Contents.Select(Said))}")];

    private static string Said(AIContent content) => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"{call.Name}({string.Join(',', call.Arguments?.Select(a => $"{a.Key}={a.Value}") ?? [])})",
        FunctionResultContent result => $"= {result.Result}",
        _ => content.GetType().Name,
    };

    [Fact]
    public async Task TheModelsWords_AreTheAnswer_WithItsTokens()
    {
        _h.Update("\"instructions\":\"Be brief.\"");
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        _model.Write("Hi ").Write("there.").Write(new UsageContent(new UsageDetails { InputTokenCount = 21, OutputTokenCount = 5, CachedInputTokenCount = 7 })).End();
        var done = await DoneAsync();
        Assert.Equal("Hi there.", done.Text("response.output.0.content.0.text"));
        Assert.Equal("21", done.Text("response.usage.input_tokens"));
        Assert.Equal("7", done.Text("response.usage.input_token_details.cached_tokens"));
        Assert.Equal("5", done.Text("response.usage.output_token_details.text_tokens"));
        Assert.Equal(["system: Be brief.", "user: Hello"], Said(_model.Calls[0].Messages));
        _h.CheckFlow();
    }

    [Fact]
    public async Task Sentences_AreSpokenWhileTheModelWrites()
    {
        New(speaks: true);
        Ask("Hello");
        _model.Write("One sentence. And");
        await UntilAsync(() => _voice.Asked.Count == 1);
        Assert.Equal("One sentence. ", _voice.Asked[0].Text);
        Assert.Contains("heard, not read", Said(_model.Calls[0].Messages)[0], StringComparison.Ordinal);
        _voice.Asked[0].Finish(_h);
        _h.Advance(500);
        _model.Write(" more.").End();
        await UntilAsync(() => _voice.Asked.Count == 2);
        _voice.Asked[1].Finish(_h);
        Assert.Equal("One sentence. And more.", _h.RunUntilDone().Text("response.output.0.content.0.transcript"));
        _h.CheckFlow();
    }

    [Fact]
    public async Task History_HoldsWhatWasHeardOnly()
    {
        New(speaks: true);
        Ask("Tell me a story");
        _model.Write("Once upon a time there was a fox.").End();
        await UntilAsync(() => _voice.Asked.Count == 1);
        _voice.Asked[0].Finish(_h);
        string item = _h.RunUntilDone().Text("response.output.0.id")!;
        _h.Send($$"""{"type":"conversation.item.truncate","item_id":"{{item}}","content_index":0,"audio_end_ms":900}""");
        Ask("And then?");
        _model.Write("It ran.").End();
        await UntilAsync(() => _voice.Asked.Count == 2);
        Assert.Equal(["user: Tell me a story", "assistant: Once upon a", "user: And then?"], Said(_model.Calls[1].Messages).Skip(1));
    }

    [Fact]
    public async Task FunctionCalls_GoToTheCaller_AndItsResultToTheModel()
    {
        _h.Update("""
            "output_modalities":["text"],"tools":[{"type":"function","name":"get_weather","description":"Weather now","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]
            """);
        Ask("Weather in London and Paris?");
        _model.Write(new FunctionCallContent("c1", "get_weather", new Dictionary<string, object?> { ["city"] = "London" }))
            .Write(new FunctionCallContent("c2", "get_weather", new Dictionary<string, object?> { ["city"] = "Paris" })).End();
        var done = await DoneAsync();
        Assert.Equal("get_weather", done.Text("response.output.0.name"));
        Assert.Equal("""{"city":"London"}""", done.Text("response.output.0.arguments"));
        var declared = Assert.IsAssignableFrom<AIFunctionDeclaration>(Assert.Single(_model.Calls[0].Options!.Tools!));
        Assert.Equal("Weather now", declared.Description);
        // The second result comes late, with a turn in between, and has its place all the same.
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{done.Text("response.output.0.call_id")}}","output":"12 degrees"} }""");
        _h.CreateText("Well?");
        _h.Send("""{"type":"response.create"}""");
        _model.Write("Twelve.").End();
        Assert.Equal("Twelve.", (await DoneAsync(2)).Text("response.output.0.content.0.text"));
        Assert.Equal(
            [
                "user: Weather in London and Paris?", "assistant: get_weather(city=London)|get_weather(city=Paris)", "tool: = 12 degrees|= There is no result yet.", "user: Well?",
            ],
            Said(_model.Calls[1].Messages).Skip(1));
        _h.CheckFlow();
    }

    [Theory]
    [InlineData(429, "rate_limit_exceeded", "Sorry, too many people")]
    [InlineData(500, "server_error", "Sorry, I cannot think right now.")]
    [InlineData(null, "timeout", "Sorry, I cannot think right now.")]
    public async Task AModelThatFails_IsApologisedFor_AndTheReasonTold(int? status, string code, string apology)
    {
        New(speaks: true);
        Ask("Hello");
        _model.Fail(new ModelServiceException(ModelServiceException.Chat, code, "The model server said no.") { Status = status });
        await UntilAsync(() => _voice.Asked.Count == 1);
        Assert.StartsWith(apology, _voice.Asked[0].Text, StringComparison.Ordinal);
        await SpeakAllAsync();
        var done = _h.Single("response.done");
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal(code, done.Text("response.status_details.error.code"));
        Assert.Equal("completed", done.Text("response.output.0.status"));
        Assert.Equal(code, _h.Single("error").Text("error.code"));
        Assert.Equal("The model server said no.", _h.Single("error").Text("error.message"));
        Assert.Equal($"The language model could not answer in session sess_1: {code}: The model server said no.", Assert.Single(_log));
        _h.CheckFlow();
    }

    [Fact]
    public async Task AnUnknownFailure_TellsTheCallerNothingOfItsInside()
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        _model.Fail(new InvalidOperationException("key sk-123 is wrong"));
        var done = await DoneAsync();
        Assert.Equal(_options.Apology, done.Text("response.output.0.content.0.text"));
        Assert.DoesNotContain("sk-123", string.Concat(_h.Events.Select(e => e.Json.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamThatBreaksOff_IsApologisedForInTheSameBreath()
    {
        New(speaks: true);
        Ask("Hello");
        _model.Write("The answer is. Or").Fail(new HttpRequestException("reset"));
        await SpeakAllAsync();
        Assert.Equal("The answer is. Or Sorry, I lost my train of thought.", _h.Single("response.done").Text("response.output.0.content.0.transcript"));
        _h.CheckFlow();
    }

    [Theory]
    [InlineData("length", "max_output_tokens")]
    [InlineData("content_filter", "content_filter")]
    public async Task AnAnswerThatTheModelCuts_IsIncomplete(string finish, string reason)
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        _model.Write("The answer is").Finish(new ChatFinishReason(finish));
        var done = await DoneAsync();
        Assert.Equal("incomplete", done.Text("response.status"));
        Assert.Equal(reason, done.Text("response.status_details.reason"));
        Assert.Equal("The answer is", done.Text("response.output.0.content.0.text"));
        Assert.Equal("incomplete", done.Text("response.output.0.status"));
        Assert.Empty(_log);
        _h.CheckFlow();
    }

    [Fact]
    public async Task AFunctionCallWithBrokenArguments_IsNotMade()
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Weather?");
        _model.Write(Call("{\"ci")).End();
        var done = await DoneAsync();
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal("invalid_function_call", done.Text("response.status_details.error.code"));
        Assert.Empty(_h.Of("response.function_call_arguments.done"));
        _h.CheckFlow();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task AFunctionCallWithoutArguments_HasNone(string written)
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Time?");
        _model.Write(Call(written)).Finish(ChatFinishReason.ToolCalls);
        Assert.Equal("{}", (await DoneAsync()).Text("response.output.0.arguments"));
        _h.CheckFlow();
    }

    // As the client of OpenAI's API reads a model's arguments.
    private static FunctionCallContent Call(string arguments) => FunctionCallContent.CreateFromParsedArguments(
        arguments, "c1", "get_weather", static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json)!);

    [Fact]
    public async Task AnEmptyAnswer_IsAFailure()
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        _model.End();
        Assert.Equal("empty_answer", (await DoneAsync()).Text("response.status_details.error.code"));
    }

    [Fact]
    public async Task ASlowModel_IsAnnouncedOnce()
    {
        New(speaks: true);
        Ask("Hello");
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Empty(_voice.Asked);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await UntilAsync(() => _voice.Asked.Count == 1);
        Assert.Equal("One moment, please. ", _voice.Asked[0].Text);
        _time.Advance(TimeSpan.FromSeconds(20));
        _model.Write("Here I am.").End();
        await SpeakAllAsync();
        Assert.Equal("One moment, please. Here I am.", _h.Single("response.done").Text("response.output.0.content.0.transcript"));
        Assert.Equal("completed", _h.Single("response.done").Text("response.status"));
        _h.CheckFlow();
    }

    [Fact]
    public async Task AModelThatStopsInItsFirstSentence_IsHeardThatFar()
    {
        New(speaks: true);
        Ask("Hello");
        _model.Write("The capital of ").Write("France is ");
        int arrived = 0;
        await UntilAsync(() => ++arrived > 2);
        Assert.Empty(_voice.Asked);
        _time.Advance(TimeSpan.FromSeconds(4.1));
        await UntilAsync(() => _voice.Asked.Count == 1);
        Assert.Equal("The capital of France is ", _voice.Asked[0].Text);
        _model.Write("Paris.").End();
        await SpeakAllAsync();
        Assert.Equal("The capital of France is Paris.", _h.Single("response.done").Text("response.output.0.content.0.transcript"));
        _h.CheckFlow();
    }

    [Fact]
    public async Task AModelThatWritesSentences_IsNotCutInTheMiddleOfOne()
    {
        New(speaks: true);
        Ask("Hello");
        _model.Write("One. And then");
        await UntilAsync(() => _voice.Asked.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(30));
        _voice.Asked[0].Finish(_h);
        _h.Advance(1000);
        _model.Write(" two.").End();
        await SpeakAllAsync();
        Assert.Equal(["One. ", "And then two."], _voice.Texts);
    }

    [Fact]
    public async Task AnInterruption_StopsTheModel()
    {
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        _model.Write("Well");
        await UntilAsync(() => _h.Of("response.output_text.delta").Any());
        _h.Send("""{"type":"response.cancel"}""");
        await _model.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("cancelled", _h.Single("response.done").Text("response.status"));
        _h.CheckFlow();
    }

    [Fact]
    public async Task AnEndlessAnswer_IsCut()
    {
        _options.MaxAnswerCharacters = 100;
        _h.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        for (int i = 0; i < 50; i++)
            _model.Write("ten chars ");
        var done = await DoneAsync();
        Assert.InRange(done.Text("response.output.0.content.0.text")!.Length, 100, 120);
    }

    [Fact]
    public async Task LongHistories_LoseTheirOldestTurnsFirst()
    {
        _options.MaxHistoryCharacters = 500;
        _h.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        for (int i = 0; i < 20; i++)
            _h.CreateText($"{i}" + new string('x', 98));
        Ask(new string('y', 50));
        _model.Write("Yes.").End();
        await DoneAsync();
        var said = Said(_model.Calls[0].Messages);
        Assert.Equal(5, said.Count);
        Assert.StartsWith("user: 16x", said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResultLongerThanTheHistory_ComesWithItsCall_AndShortened()
    {
        _options.MaxHistoryCharacters = 500;
        _h.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        Ask("Read the page");
        _model.Write(new FunctionCallContent("c1", "read", new Dictionary<string, object?> { ["page"] = "1" })).End();
        var done = await DoneAsync();
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{done.Text("response.output.0.call_id")}}","output":"{{new string('z', 900)}}"} }""");
        _h.Send("""{"type":"response.create"}""");
        _model.Write("Well.").End();
        await DoneAsync(2);
        Assert.Equal(["assistant: read(page=1)", $"tool: = {new string('z', 500)} …"], Said(_model.Calls[1].Messages));
    }

    [Fact]
    public async Task ATurnLongerThanTheHistory_IsShortened()
    {
        _options.MaxHistoryCharacters = 500;
        _h.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        Ask(new string('y', 499) + "😀😀");
        _model.Write("Yes.").End();
        await DoneAsync();
        Assert.Equal([$"user: {new string('y', 499)} …"], Said(_model.Calls[0].Messages));
    }

    [Fact]
    public async Task WhiteSpace_IsNoAnswer()
    {
        Ask("Hello");
        _model.Write(" \n").Write("\n").End();
        Assert.Equal("empty_answer", (await DoneAsync()).Text("response.status_details.error.code"));
    }

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("DATA:IMAGE/PNG;BASE64,iVBORw0KGgo=")]
    [InlineData("data:image/png;base64, iVBO Rw0K Ggo= ")]
    [InlineData("data:image/png;base64,")]
    public async Task APicture_GoesToTheModel_HoweverItIsWritten(string url)
    {
        _h.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"What is it?"},{"type":"input_image","image_url":"{{url}}"}] } }""");
        _h.Send("""{"type":"response.create"}""");
        _model.Write("A picture.").End();
        Assert.Equal("completed", (await DoneAsync()).Text("response.status"));
        Assert.StartsWith("user: What is it?", Assert.Single(Said(_model.Calls[0].Messages)), StringComparison.Ordinal);
    }

    private async Task SpeakAllAsync()
    {
        int spoken = 0;
        await UntilAsync(() =>
        {
            while (spoken < _voice.Asked.Count)
                _voice.Asked[spoken++].Finish(_h);
            _h.Advance(2000);
            return _h.Of("response.done").Any();
        });
    }
}
