namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>A wait for room on a line: begun by whoever finds it full, ended for all who wait by whoever hears of room. Its owner's lock guards it.</summary>
internal sealed class Room
{
    private TaskCompletionSource? _waiting;

    /// <summary>Completes with the next <see cref="Open"/>.</summary>
    public Task WaitAsync()
    {
        _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Task;
    }

    /// <summary>There is room, or nothing will be sent any more.</summary>
    public void Open()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}
