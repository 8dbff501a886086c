using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using VoiceCarnival.Audio.Speech;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace VoiceCarnival.Speech.Remote;

/// <summary>A language model behind OpenAI's chat completions: OpenAI's, Ollama, vLLM, llama.cpp, … Tools are declared to it and called by whoever asked.</summary>
internal sealed class RemoteChatClient(RemoteService service, string model) : DelegatingChatClient(service.Client.GetChatClient(model).AsIChatClient())
{
    public RemoteChatClient(ChatModelOptions options, TimeProvider time)
        : this(new RemoteService(ModelServiceException.Chat, options, time), options.Model ?? DefaultModel)
    {
    }

    /// <summary>The model where the settings name none.</summary>
    public const string DefaultModel = "gpt-4.1-mini";

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">The server refused, did not answer in time, or cannot be reached.</exception>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        service.AskAsync(token => base.GetResponseAsync(messages, options, token), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ModelServiceException">As above, or it broke off.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatFinishReason? finish = null;
        await foreach (var update in service.StreamAsync(token => base.GetStreamingResponseAsync(messages, options, token), cancellationToken))
        {
            // What goes wrong once the answer has begun comes as an event of the stream, which the client takes for an update without a choice.
#pragma warning disable SCME0001 // the only way to what the client has no name for
            if (update.RawRepresentation is StreamingChatCompletionUpdate raw && raw.Patch.TryGetJson("$.error"u8, out var error))
#pragma warning restore SCME0001
                throw service.Complaint(error);
            finish = update.FinishReason ?? finish;
            yield return update;
        }

        // A proxy makes an orderly end of a server that died.
        if (finish is null)
            throw new ModelServiceException(ModelServiceException.Chat, "broken_off", "The answer of the server for chat ended before it was finished.");
    }
}
