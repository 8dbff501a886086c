using Microsoft.Extensions.AI;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>What the model is told of the conversation: what was heard, and no more than fits.</summary>
public sealed class ChatHistoryTests : ChatConversation
{
    [Fact]
    public async Task History_HoldsWhatWasHeardOnly()
    {
        New(speaks: true);
        Ask("Tell me a story");
        Model.Write("Once upon a time there was a fox.").End();
        await UntilAsync(() => Voice.Asked.Count == 1);
        Voice.Asked[0].Finish(H);
        string item = H.RunUntilDone().Text("response.output.0.id")!;
        H.Send($$"""{"type":"conversation.item.truncate","item_id":"{{item}}","content_index":0,"audio_end_ms":900}""");
        Ask("And then?");
        Model.Write("It ran.").End();
        await UntilAsync(() => Voice.Asked.Count == 2);
        Assert.Equal(["user: Tell me a story", "assistant: Once upon a", "user: And then?"], Said(Model.Calls[1].Messages).Skip(1));
    }

    [Fact]
    public async Task LongHistories_LoseTheirOldestTurnsFirst()
    {
        Options.MaxHistoryCharacters = 500;
        H.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        for (int i = 0; i < 20; i++)
            H.CreateText($"{i}" + new string('x', 98));
        Ask(new string('y', 50));
        Model.Write("Yes.").End();
        await DoneAsync();
        var said = Said(Model.Calls[0].Messages);
        Assert.Equal(5, said.Count);
        Assert.StartsWith("user: 16x", said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResultLongerThanTheHistory_ComesWithItsCall_AndShortened()
    {
        Options.MaxHistoryCharacters = 500;
        H.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        Ask("Read the page");
        Model.Write(new FunctionCallContent("c1", "read", new Dictionary<string, object?> { ["page"] = "1" })).End();
        var done = await DoneAsync();
        H.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{done.Text("response.output.0.call_id")}}","output":"{{new string('z', 900)}}"} }""");
        H.Send("""{"type":"response.create"}""");
        Model.Write("Well.").End();
        await DoneAsync(2);
        Assert.Equal(["assistant: read(page=1)", $"tool: = {new string('z', 500)} …"], Said(Model.Calls[1].Messages));
    }

    [Fact]
    public async Task ATurnLongerThanTheHistory_IsShortened()
    {
        Options.MaxHistoryCharacters = 500;
        H.Update("\"output_modalities\":[\"text\"],\"instructions\":\"\"");
        Ask(new string('y', 499) + "😀😀");
        Model.Write("Yes.").End();
        await DoneAsync();
        Assert.Equal([$"user: {new string('y', 499)} …"], Said(Model.Calls[0].Messages));
    }
}
