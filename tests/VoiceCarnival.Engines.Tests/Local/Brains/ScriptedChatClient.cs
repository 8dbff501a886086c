using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>A model that writes what the test says, when it says so; each call waits until its turn.</summary>
internal sealed class ScriptedChatClient : IChatClient
{
    private readonly Channel<object> _script = Channel.CreateUnbounded<object>();

    public List<(List<ChatMessage> Messages, ChatOptions? Options)> Calls { get; } = [];

    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ScriptedChatClient Write(string text)
    {
        _script.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, text));
        return this;
    }

    public ScriptedChatClient Write(AIContent content)
    {
        _script.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, [content]));
        return this;
    }

    public void Finish(ChatFinishReason reason)
    {
        _script.Writer.TryWrite(new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = reason });
        End();
    }

    public void Fail(Exception exception) => _script.Writer.TryWrite(exception);

    public void End() => _script.Writer.TryWrite(this);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (Calls)
            Calls.Add(([.. messages], options));
        while (true)
        {
            object next;
            try
            {
                next = await _script.Reader.ReadAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Cancelled.TrySetResult();
                throw;
            }

            if (next is Exception exception)
                throw exception;
            if (next is not ChatResponseUpdate update)
                yield break;
            yield return update;
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
