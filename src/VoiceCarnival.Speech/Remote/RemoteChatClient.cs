using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;

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
        await foreach (var update in service.StreamAsync(token => base.GetStreamingResponseAsync(messages, options, token), cancellationToken))
            yield return update;
    }
}
