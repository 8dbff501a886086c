using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// Drives a <see cref="Dialogue"/>: gives it the time, wakes it at its deadlines, and lets one input in at a time. Everything it says goes to the
/// output from within the input that caused it, so an answer costs no thread hop.
/// </summary>
public sealed partial class LocalEngineSession : IVoiceEngineSession, IDialogueThread
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IVoiceEngineOutput _output;
    private readonly Dialogue _dialogue;
    private readonly ITimer _timer;
    private readonly long _epoch;
    private TimeSpan? _armedFor;
    private bool _disposed;

    internal LocalEngineSession(Func<IDialogueThread, DialogueSetup> setup, IVoiceEngineOutput output, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _output = output;
        _epoch = time.GetTimestamp();
        _dialogue = new Dialogue(setup(this), output);
        _timer = time.CreateTimer(static state => ((LocalEngineSession)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now => _time.GetElapsedTime(_epoch);

    /// <inheritdoc/>
    public void Start() => Run(static (session, now) => session._dialogue.Start(now));

    /// <inheritdoc/>
    public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_disposed)
                return ValueTask.CompletedTask;
            try
            {
                _dialogue.Receive(kind, utf8Json, Now);
                Arm();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_disposed)
                return ValueTask.CompletedTask;
            try
            {
                _dialogue.ReceiveAudio(audio.Span, Now);
                Arm();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void ResumeOutput() => Run(static (session, now) => session._dialogue.OutputHasRoom(now));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            _dialogue.Abandon();
        }

        return _timer.DisposeAsync();
    }

    /// <inheritdoc/>
    string IDialogueThread.SessionId => _dialogue.Session.Id;

    /// <inheritdoc/>
    void IDialogueThread.Post(Action work)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            try
            {
                _dialogue.Run(work, Now);
                Arm();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }
    }

    private void OnTimer() => Run(static (session, now) =>
    {
        session._armedFor = null;
        session._dialogue.AdvanceTo(now);
    });

    private void Run(Action<LocalEngineSession, TimeSpan> step)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            try
            {
                step(this, Now);
                Arm();
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }
    }

    private void Arm()
    {
        var deadline = _dialogue.NextDeadline;
        if (deadline == _armedFor)
            return;
        _armedFor = deadline;
        if (deadline is { } at)
        {
            // Timers count whole milliseconds; rounding down would wake early and spin.
            var due = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, (at - Now).TotalMilliseconds)));
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    // A defect here must cost this session only.
    private void Fail(Exception exception)
    {
        Log.Failed(_logger, exception);
        _disposed = true;
        _dialogue.Abandon();
        _output.OnEnded(new SessionTermination(TerminationKind.ServerFault, "internal error",
            new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while processing your session. Open a new one.")));
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "The local engine failed in a session")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
