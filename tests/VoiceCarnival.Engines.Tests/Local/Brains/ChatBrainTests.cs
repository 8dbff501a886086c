using Microsoft.Extensions.AI;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>The chat brain when all goes well: words, tokens, function calls.</summary>
public sealed class ChatBrainTests : ChatConversation
{
    [Fact]
    public async Task TheModelsWords_AreTheAnswer_WithItsTokens()
    {
        H.Update("\"instructions\":\"Be brief.\"");
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        Model.Write("Hi ").Write("there.").Write(new UsageContent(new UsageDetails { InputTokenCount = 21, OutputTokenCount = 5, CachedInputTokenCount = 7 })).End();
        var done = await DoneAsync();
        Assert.Equal("Hi there.", done.Text("response.output.0.content.0.text"));
        Assert.Equal("21", done.Text("response.usage.input_tokens"));
        Assert.Equal("7", done.Text("response.usage.input_token_details.cached_tokens"));
        Assert.Equal("5", done.Text("response.usage.output_token_details.text_tokens"));
        Assert.Equal(["system: Be brief.", "user: Hello"], Said(Model.Calls[0].Messages));
        H.CheckFlow();
    }

    [Fact]
    public async Task Sentences_AreSpokenWhileTheModelWrites()
    {
        New(speaks: true);
        Ask("Hello");
        Model.Write("One sentence. And");
        await UntilAsync(() => Voice.Asked.Count == 1);
        Assert.Equal("One sentence. ", Voice.Asked[0].Text);
        Assert.Contains("heard, not read", Said(Model.Calls[0].Messages)[0], StringComparison.Ordinal);
        Voice.Asked[0].Finish(H);
        H.Advance(500);
        Model.Write(" more.").End();
        await UntilAsync(() => Voice.Asked.Count == 2);
        Voice.Asked[1].Finish(H);
        Assert.Equal("One sentence. And more.", H.RunUntilDone().Text("response.output.0.content.0.transcript"));
        H.CheckFlow();
    }

    [Fact]
    public async Task FunctionCalls_GoToTheCaller_AndItsResultToTheModel()
    {
        H.Update("""
            "output_modalities":["text"],"tools":[{"type":"function","name":"get_weather","description":"Weather now","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]
            """);
        Ask("Weather in London and Paris?");
        Model.Write(new FunctionCallContent("c1", "get_weather", new Dictionary<string, object?> { ["city"] = "London" }))
            .Write(new FunctionCallContent("c2", "get_weather", new Dictionary<string, object?> { ["city"] = "Paris" })).End();
        var done = await DoneAsync();
        Assert.Equal("get_weather", done.Text("response.output.0.name"));
        Assert.Equal("""{"city":"London"}""", done.Text("response.output.0.arguments"));
        var declared = Assert.IsAssignableFrom<AIFunctionDeclaration>(Assert.Single(Model.Calls[0].Options!.Tools!));
        Assert.Equal("Weather now", declared.Description);
        // The second result comes late, with a turn in between, and has its place all the same.
        H.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{done.Text("response.output.0.call_id")}}","output":"12 degrees"} }""");
        H.CreateText("Well?");
        H.Send("""{"type":"response.create"}""");
        Model.Write("Twelve.").End();
        Assert.Equal("Twelve.", (await DoneAsync(2)).Text("response.output.0.content.0.text"));
        Assert.Equal(
            [
                "user: Weather in London and Paris?", "assistant: get_weather(city=London)|get_weather(city=Paris)", "tool: = 12 degrees|= There is no result yet.", "user: Well?",
            ],
            Said(Model.Calls[1].Messages).Skip(1));
        H.CheckFlow();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task AFunctionCallWithoutArguments_HasNone(string written)
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Time?");
        Model.Write(Call(written)).Finish(ChatFinishReason.ToolCalls);
        Assert.Equal("{}", (await DoneAsync()).Text("response.output.0.arguments"));
        H.CheckFlow();
    }

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("DATA:IMAGE/PNG;BASE64,iVBORw0KGgo=")]
    [InlineData("data:image/png;base64, iVBO Rw0K Ggo= ")]
    [InlineData("data:image/png;base64,")]
    public async Task APicture_GoesToTheModel_HoweverItIsWritten(string url)
    {
        H.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        H.Send($$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"What is it?"},{"type":"input_image","image_url":"{{url}}"}] } }""");
        H.Send("""{"type":"response.create"}""");
        Model.Write("A picture.").End();
        Assert.Equal("completed", (await DoneAsync()).Text("response.status"));
        Assert.StartsWith("user: What is it?", Assert.Single(Said(Model.Calls[0].Messages)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInterruption_StopsTheModel()
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        Model.Write("Well");
        await UntilAsync(() => H.Of("response.output_text.delta").Any());
        H.Send("""{"type":"response.cancel"}""");
        await Model.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("cancelled", H.Single("response.done").Text("response.status"));
        H.CheckFlow();
    }
}
