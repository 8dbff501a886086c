using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Chat;

/// <summary>
/// Thinks with a language model: what the model writes is spoken as it comes, its function calls go to the caller. When the model cannot answer, the caller hears an apology, and the response
/// fails with the reason.
/// </summary>
/// <param name="client">The model.</param>
/// <param name="options">Settings.</param>
/// <param name="dialogue">The way back into the dialogue.</param>
/// <param name="time">For the caller's patience.</param>
/// <param name="logger">Where failures are told.</param>
public sealed class ChatBrain(IChatClient client, ChatBrainOptions options, IDialogueThread dialogue, TimeProvider time, ILogger logger) : IBrain
{
    /// <inheritdoc/>
    public bool NeedsWords => true;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        var messages = ChatHistory.Of(request, options);
        var chat = new ChatOptions { MaxOutputTokens = request.Options.MaxOutputTokens };
        ChatTools.Declare(chat, request.Options);
        var answer = new Answer(plan, dialogue);
        // Only where it is heard: a reader sees that nothing has come yet, and a machine wants nothing in between.
        if (options is { PatienceSeconds: > 0, Patience.Length: > 0 } && request.Options.OutputModality == "audio")
            answer.Calm(time, TimeSpan.FromSeconds(options.PatienceSeconds), options.Patience + " ");
        plan.WhenAbandoned(answer.Cancel);
        _ = Task.Run(() => RunAsync(messages, chat, answer));
    }

    private async Task RunAsync(List<ChatMessage> messages, ChatOptions chat, Answer answer)
    {
        try
        {
            int length = 0;
            ChatFinishReason? finish = null;
            await foreach (var update in client.GetStreamingResponseAsync(messages, chat, answer.Token))
            {
                finish = update.FinishReason ?? finish;
                foreach (var content in update.Contents)
                {
                    switch (content)
                    {
                        case TextContent { Text.Length: > 0 } text:
                            length += text.Text.Length;
                            answer.Add(new TextStep(text.Text));
                            break;
                        case FunctionCallContent call when finish == ChatFinishReason.Length && IsBroken(call):
                            break;
                        case FunctionCallContent call when IsBroken(call):
                            throw new ModelServiceException(ModelServiceException.Chat, "invalid_function_call", "The language model called a function with arguments that are no JSON.", call.Exception);
                        case FunctionCallContent call:
                            answer.Add(new CallStep(call.Name, call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments)));
                            break;
                        case UsageContent usage:
                            answer.Count(usage.Details);
                            break;
                        case ErrorContent error:
                            throw new ModelServiceException(ModelServiceException.Chat, error.ErrorCode ?? "model_error", error.Message);
                    }
                }

                if (length > options.MaxAnswerCharacters)
                {
                    finish = ChatFinishReason.Length;
                    break;
                }
            }

            if (finish == ChatFinishReason.Length || finish == ChatFinishReason.ContentFilter)
                answer.Add(new CutStep(finish == ChatFinishReason.ContentFilter));
            if (answer.IsEmpty)
                throw new ModelServiceException(ModelServiceException.Chat, "empty_answer", "The language model gave no answer.");
            answer.Complete();
        }
        catch (OperationCanceledException) when (answer.Token.IsCancellationRequested)
        {
            // The caller wants no answer any more.
        }
        catch (Exception exception)
        {
            ServiceProblems.Log(logger, dialogue.SessionId, "The language model could not answer", exception);
            Apologise(answer, exception);
        }
    }

    // Arguments that cannot be read. Some models write nothing at all where a function takes none: then the reader stops at the first byte.
    private static bool IsBroken(FunctionCallContent call) =>
        call.Exception is { } exception && exception.GetBaseException() is not JsonException { LineNumber: 0, BytePositionInLine: 0 };

    private void Apologise(Answer answer, Exception exception)
    {
        var known = exception as ModelServiceException;
        bool isBusy = known is { Status: 429 } or { Code: "rate_limit_exceeded" };
        answer.Add(new TextStep(answer.HasText ? (answer.EndsInSpace ? "" : " ") + options.CutApology : isBusy ? options.BusyApology : options.Apology));
        answer.Add(new FailStep(new RealtimeError(
            isBusy ? "rate_limit_error" : RealtimeError.ServerError, known?.Code ?? "model_error", known?.Message ?? "The language model could not be asked."))
        { IsTold = true });
        answer.Complete();
    }

    // One answer on its way, from a thread of the pool into the plan of the response.
#pragma warning disable CA1001 // the source has no timer and the token's waits end with the call; whoever is last does not know it
    private sealed class Answer(ResponsePlan plan, IDialogueThread dialogue)
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _cancellation = new();
        private ITimer? _patience;
        private string _first = string.Empty;

        public CancellationToken Token => _cancellation.Token;

        public bool IsEmpty { get; private set; } = true;

        public bool HasText { get; private set; }

        public bool EndsInSpace { get; private set; }

        // Where nothing can be heard by then, the caller is told so; or, where the model stopped in its first sentence, hears that much of it.
        public void Calm(TimeProvider time, TimeSpan patience, string text) => _patience = time.CreateTimer(
            _ => dialogue.Post(() =>
            {
                if (Interlocked.Exchange(ref _patience, null) is { } timer)
                {
                    timer.Dispose();
                    plan.Add(new TextStep(HasText ? string.Empty : text) { IsWhole = true });
                }
            }), null, patience, Timeout.InfiniteTimeSpan);

        public void Add(ResponseStep step)
        {
            string? written = (step as TextStep)?.Text;
            IsEmpty &= written is not null && string.IsNullOrWhiteSpace(written); // white space is no answer
            if (written is { Length: > 0 })
            {
                HasText = true;
                EndsInSpace = char.IsWhiteSpace(written[^1]);
                _first += _patience is null ? null : written;
            }

            if (written is null || Sentences.FirstEnd(_first) > 0)
                Interlocked.Exchange(ref _patience, null)?.Dispose();
            dialogue.Post(() => plan.Add(step));
        }

        public void Count(UsageDetails usage) => dialogue.Post(() =>
            plan.Usage = new ModelUsage(Tokens(usage.InputTokenCount), Tokens(usage.CachedInputTokenCount), Tokens(usage.OutputTokenCount)));

        public void Complete() => dialogue.Post(plan.Complete);

        public void Cancel()
        {
            Interlocked.Exchange(ref _patience, null)?.Dispose();
            _ = _cancellation.CancelAsync(); // what hangs on it is not to be run in the dialogue
        }

        private static int Tokens(long? count) => (int)Math.Clamp(count ?? 0, 0, int.MaxValue / 4);
    }
}
