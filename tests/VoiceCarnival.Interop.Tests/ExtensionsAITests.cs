using System.ClientModel;
using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Realtime;

namespace VoiceCarnival.Interop.Tests;

/// <summary>NuGet <c>Microsoft.Extensions.AI.OpenAI</c>: <c>OpenAIRealtimeClient</c> with its function invocation.</summary>
public sealed class ExtensionsAITests(Servers servers)
{
    [Theory]
    [InlineData(Answering.Local)]
    [InlineData(Answering.Relayed)]
    public async Task OpenAIRealtimeClient_SpeaksTypesCallsAToolAndIsInterrupted(Answering answering)
    {
        var conversation = new Conversation();
        // The one line that changes: Endpoint.
        var inner = new RealtimeClient(new ApiKeyCredential("sk-any"), new RealtimeClientOptions { Endpoint = servers.BaseUrl(answering) });
        using var client = new OpenAIRealtimeClient(inner, "gpt-realtime-2.1").AsBuilder().UseFunctionInvocation().Build();
        await using var session = await client.CreateSessionAsync(new Microsoft.Extensions.AI.RealtimeSessionOptions
        {
            Instructions = "Be brief.",
            Voice = "verse",
            OutputModalities = ["audio"],
            InputAudioFormat = new Microsoft.Extensions.AI.RealtimeAudioFormat("audio/pcm", 24_000),
            OutputAudioFormat = new Microsoft.Extensions.AI.RealtimeAudioFormat("audio/pcm", 24_000),
            TranscriptionOptions = new TranscriptionOptions { ModelId = "gpt-4o-transcribe" },
            VoiceActivityDetection = new VoiceActivityDetectionOptions { Enabled = true, AllowInterruption = true },
            Tools = [AIFunctionFactory.Create(GetTime, "get_time", "Tells the time.")],
        });
        await using var inbox = new Inbox<RealtimeServerMessage>(session.GetStreamingResponseAsync, message => message.Type.ToString());

        await using (Speak(session))
        {
            await UntilRawAsync<RealtimeServerUpdateInputAudioBufferSpeechStarted>(inbox);
            Assert.Equal("completed", (await UntilDoneAsync(inbox)).Status);
        }

        conversation.Heard = inbox.All.OfType<InputAudioTranscriptionRealtimeServerMessage>().Single(m => m.Type == RealtimeServerMessageType.InputAudioTranscriptionCompleted).Transcription;
        conversation.Said = inbox.All.OfType<OutputTextAudioRealtimeServerMessage>().Single(m => m.Type == RealtimeServerMessageType.OutputAudioTranscriptionDone).Text;
        conversation.SpokenAudio =
        [
            .. inbox.All.OfType<OutputTextAudioRealtimeServerMessage>().Where(m => m.Type == RealtimeServerMessageType.OutputAudioDelta).SelectMany(m => Convert.FromBase64String(m.Audio!)),
        ];

        await session.SendAsync(new CreateConversationItemRealtimeClientMessage(new RealtimeConversationItem([new TextContent("Good morning.")], role: ChatRole.User)));
        await session.SendAsync(new CreateResponseRealtimeClientMessage());
        conversation.TypedAnswer = (await UntilRawAsync<RealtimeServerUpdateResponseOutputTextDone>(inbox)).Text;
        await UntilDoneAsync(inbox);

        // The middleware calls the function, sends its result and asks for the answer.
        await session.SendAsync(new CreateResponseRealtimeClientMessage());
        conversation.ToolAnswer = (await UntilRawAsync<RealtimeServerUpdateResponseOutputTextDone>(inbox)).Text;
        await UntilDoneAsync(inbox);

        await session.SendAsync(new CreateResponseRealtimeClientMessage());
        var story = await inbox.UntilAsync<OutputTextAudioRealtimeServerMessage>(message => message.Type == RealtimeServerMessageType.OutputAudioDelta);
        await using (Speak(session))
        {
            await UntilRawAsync<RealtimeServerUpdateInputAudioBufferSpeechStarted>(inbox);
            conversation.InterruptedStatus = (await UntilDoneAsync(inbox)).Status;
            await session.SendAsync(new RealtimeClientMessage
            {
                RawRepresentation = new RealtimeClientCommandConversationItemTruncate(story.ItemId, 0, TimeSpan.FromMilliseconds(100)),
            });
            await UntilRawAsync<RealtimeServerUpdateConversationItemTruncated>(inbox);
            conversation.LastStatus = (await UntilDoneAsync(inbox)).Status;
        }

        conversation.Problems.AddRange(inbox.All.OfType<ErrorRealtimeServerMessage>().Select(error => error.Error?.Message ?? "an error without a message"));
        conversation.AssertWhole();

        [Description("Tells the time.")]
        string GetTime(string zone)
        {
            conversation.ToolArguments = JsonSerializer.Serialize(new { zone });
            return "12:00";
        }
    }

    private static Microphone Speak(IRealtimeClientSession session) =>
        new(frame => session.SendAsync(new InputAudioBufferAppendRealtimeClientMessage(new DataContent(frame, "audio/pcm"))));

    private static Task<ResponseCreatedRealtimeServerMessage> UntilDoneAsync(Inbox<RealtimeServerMessage> inbox) =>
        inbox.UntilAsync<ResponseCreatedRealtimeServerMessage>(message => message.Type == RealtimeServerMessageType.ResponseDone);

    // What the abstraction has no word for, or this version of it does not use, comes as the client's own update.
    private static async Task<TUpdate> UntilRawAsync<TUpdate>(Inbox<RealtimeServerMessage> inbox)
        where TUpdate : RealtimeServerUpdate =>
        (TUpdate)(await inbox.UntilAsync<RealtimeServerMessage>(message => message.RawRepresentation is TUpdate)).RawRepresentation!;
}
