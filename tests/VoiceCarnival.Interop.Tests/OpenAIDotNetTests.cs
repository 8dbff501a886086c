using System.ClientModel;
using OpenAI.Realtime;

namespace VoiceCarnival.Interop.Tests;

/// <summary>NuGet <c>OpenAI</c>: <c>RealtimeClient</c>.</summary>
public sealed class OpenAIDotNetTests(Servers servers)
{
    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public async Task RealtimeClient_SpeaksTypesCallsAToolAndInterrupts(Answering answering)
    {
        // The one line that changes: Endpoint.
        var client = new RealtimeClient(new ApiKeyCredential("sk-any"), new RealtimeClientOptions { Endpoint = servers.BaseUrl(answering) });
        using var session = await client.StartConversationSessionAsync("gpt-realtime-2.1");
        await using var inbox = new Inbox<RealtimeServerUpdate>(session.ReceiveUpdatesAsync, update => update.Kind.ToString());
        var conversation = new Conversation();

        await inbox.UntilAsync<RealtimeServerUpdateSessionCreated>();
        await session.ConfigureConversationSessionAsync(Options());
        var updated = (RealtimeConversationSession)(await inbox.UntilAsync<RealtimeServerUpdateSessionUpdated>()).Session;
        Assert.Equal("verse", updated.AudioOptions.OutputAudioOptions.Voice?.ToString());
        Assert.Equal("get_time", Assert.IsType<RealtimeFunctionTool>(Assert.Single(updated.Tools)).FunctionName);

        await using (Speak(session))
        {
            await inbox.UntilAsync<RealtimeServerUpdateInputAudioBufferSpeechStarted>();
            await inbox.UntilAsync<RealtimeServerUpdateInputAudioBufferSpeechStopped>();
            var spoken = await inbox.UntilAsync<RealtimeServerUpdateResponseDone>();
            Assert.Equal(RealtimeResponseStatus.Completed, spoken.Response.Status);
            Assert.NotNull(spoken.Response.Usage);
        }

        conversation.Heard = inbox.All.OfType<RealtimeServerUpdateConversationItemInputAudioTranscriptionCompleted>().Single().Transcript;
        conversation.Said = inbox.All.OfType<RealtimeServerUpdateResponseOutputAudioTranscriptDone>().Single().Transcript;
        conversation.SpokenAudio = [.. inbox.All.OfType<RealtimeServerUpdateResponseOutputAudioDelta>().SelectMany(delta => delta.Delta.ToArray())];

        await session.AddItemAsync(RealtimeItem.CreateUserMessageItem("Good morning."));
        await session.StartResponseAsync();
        conversation.TypedAnswer = (await inbox.UntilAsync<RealtimeServerUpdateResponseOutputTextDone>()).Text;
        await inbox.UntilAsync<RealtimeServerUpdateResponseDone>();

        await session.StartResponseAsync();
        var asked = await inbox.UntilAsync<RealtimeServerUpdateResponseDone>();
        var call = Assert.Single(asked.Response.OutputItems.OfType<RealtimeFunctionCallItem>());
        conversation.ToolArguments = call.FunctionArguments.ToString();
        await session.AddItemAsync(RealtimeItem.CreateFunctionCallOutputItem(call.CallId, "12:00"));
        await session.StartResponseAsync();
        conversation.ToolAnswer = (await inbox.UntilAsync<RealtimeServerUpdateResponseOutputTextDone>()).Text;
        await inbox.UntilAsync<RealtimeServerUpdateResponseDone>();

        await session.StartResponseAsync();
        var story = await inbox.UntilAsync<RealtimeServerUpdateResponseOutputAudioDelta>();
        await using (Speak(session))
        {
            await inbox.UntilAsync<RealtimeServerUpdateInputAudioBufferSpeechStarted>();
            var interrupted = await inbox.UntilAsync<RealtimeServerUpdateResponseDone>();
            conversation.InterruptedStatus = interrupted.Response.Status.ToString();
            Assert.Equal(RealtimeResponseStatusReason.TurnDetected, interrupted.Response.StatusDetails.Reason);
            await session.TruncateItemAsync(story.ItemId, story.ContentIndex, TimeSpan.FromMilliseconds(100));
            conversation.LastStatus = (await inbox.UntilAsync<RealtimeServerUpdateResponseDone>()).Response.Status.ToString();
        }

        var truncated = Assert.Single(inbox.All.OfType<RealtimeServerUpdateConversationItemTruncated>());
        Assert.Equal(story.ItemId, truncated.ItemId);
        Assert.Equal(TimeSpan.FromMilliseconds(100), truncated.AudioEndTime);
        conversation.Problems.AddRange(inbox.All.OfType<RealtimeServerUpdateError>().Select(error => error.Error.Message));
        conversation.AssertWhole();
    }

    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public async Task ClientSecret_OpensASession(Answering answering)
    {
        var client = new RealtimeClient(new ApiKeyCredential("sk-any"), new RealtimeClientOptions { Endpoint = servers.BaseUrl(answering) });
        CreateClientSecretResult secret = await client.CreateRealtimeClientSecretAsync(
            new CreateClientSecretOptions { SessionOptions = new RealtimeConversationSessionOptions { Instructions = "From the secret." } });
        Assert.StartsWith("ek_", secret.Value, StringComparison.Ordinal);

        using var session = await client.StartConversationSessionAsync("gpt-realtime-2.1", new RealtimeSessionClientOptions { ClientSecret = secret.Value });
        await using var inbox = new Inbox<RealtimeServerUpdate>(session.ReceiveUpdatesAsync, update => update.Kind.ToString());
        var created = await inbox.UntilAsync<RealtimeServerUpdateSessionCreated>();
        Assert.Equal("From the secret.", ((RealtimeConversationSession)created.Session).Instructions);
    }

    private static Microphone Speak(RealtimeSessionClient session) => new(frame => session.SendInputAudioAsync(BinaryData.FromBytes(frame)));

    private static RealtimeConversationSessionOptions Options() => new()
    {
        Instructions = "Be brief.",
        OutputModalities = { RealtimeOutputModality.Audio },
        AudioOptions = new RealtimeConversationSessionAudioOptions
        {
            InputAudioOptions = new RealtimeConversationSessionInputAudioOptions
            {
                AudioFormat = new RealtimePcmAudioFormat(),
                AudioTranscriptionOptions = new RealtimeAudioTranscriptionOptions { Model = "gpt-4o-transcribe" },
                TurnDetection = new RealtimeServerVadTurnDetection { SilenceDuration = TimeSpan.FromMilliseconds(200) },
            },
            OutputAudioOptions = new RealtimeConversationSessionOutputAudioOptions { AudioFormat = new RealtimePcmAudioFormat(), Voice = new RealtimeVoice("verse") },
        },
        Tools =
        {
            new RealtimeFunctionTool("get_time")
            {
                FunctionDescription = "Tells the time.",
                FunctionParameters = BinaryData.FromString("""{"type":"object","properties":{"zone":{"type":"string"}},"required":["zone"]}"""),
            },
        },
    };
}
