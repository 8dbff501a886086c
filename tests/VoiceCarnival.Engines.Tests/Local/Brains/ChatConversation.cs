using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains.Chat;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>The chat brain in a dialogue in virtual time. The model's words come from other threads, so the tests wait for them to arrive; nothing depends on how long that takes.</summary>
public abstract class ChatConversation : IDialogueThread, IDisposable
{
    private readonly Queue<Action> _posted = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private protected ChatConversation() => H = New(speaks: false);

    private protected ScriptedChatClient Model { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    private protected HandVoice Voice { get; } = new();

    private protected List<string> Logged { get; } = [];

    private protected ChatBrainOptions Options { get; } = new();

    private protected DialogueHarness H { get; private set; }

    string IDialogueThread.SessionId => "sess_1";

    public void Dispose()
    {
        Model.Dispose();
        _arrived.Dispose();
        GC.SuppressFinalize(this);
    }

    void IDialogueThread.Post(Action work)
    {
        lock (_posted)
            _posted.Enqueue(work);
        _arrived.Release();
    }

    /// <summary>A conversation anew, with a voice or without.</summary>
    private protected DialogueHarness New(bool speaks) =>
        H = new DialogueHarness(new ChatBrain(Model, Options, this, Time, new ListLogger(Logged)), voice: speaks ? Voice : null);

    /// <summary>Lets in what the model has come to, until a condition holds.</summary>
    private protected async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)), $"Nothing comes any more. Events: {string.Join(", ", H.Types)}");
            Action work;
            lock (_posted)
                work = _posted.Dequeue();
            H.Run(work);
        }
    }

    private protected async Task<ReceivedEvent> DoneAsync(int responses = 1)
    {
        await UntilAsync(() => H.Of("response.done").Count() == responses);
        return H.Of("response.done").Last();
    }

    private protected async Task SpeakAllAsync()
    {
        int spoken = 0;
        await UntilAsync(() =>
        {
            while (spoken < Voice.Asked.Count)
                Voice.Asked[spoken++].Finish(H);
            H.Advance(2000);
            return H.Of("response.done").Any();
        });
    }

    private protected void Ask(string text)
    {
        H.CreateText(text);
        H.Send("""{"type":"response.create"}""");
    }

    /// <summary>What the model was told, a line a message.</summary>
    private protected static List<string> Said(IEnumerable<ChatMessage> messages) => [.. messages.Select(m => $"{m.Role}: {string.Join('|', m.Contents.Select(Said))}")];

    /// <summary>A function call, as the client of OpenAI's API reads a model's arguments.</summary>
    private protected static FunctionCallContent Call(string arguments) => FunctionCallContent.CreateFromParsedArguments(
        arguments, "c1", "get_weather", static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json)!);

    private static string Said(AIContent content) => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"{call.Name}({string.Join(',', call.Arguments?.Select(a => $"{a.Key}={a.Value}") ?? [])})",
        FunctionResultContent result => $"= {result.Result}",
        _ => content.GetType().Name,
    };
}
