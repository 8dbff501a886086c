using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime;

// How a session gets from one upstream to the next: after a break, or before the old one's age limit.
internal sealed partial class OpenAIEngineSession
{
    private static readonly TimeSpan ReplayTime = TimeSpan.FromSeconds(4);
    private readonly CancellationTokenSource _stop = new();
    private readonly RecoveryAllowance _recoveries;
    private readonly List<OpenResponse> _broken = [];
    private readonly Renewal _renewal;
    private UpstreamReplay? _replay;
    private string? _continuedSpeech;
    private bool _isExpired;
    private bool _isRenewing; // a new one is looked for while the old one serves
    private bool _isHandingOver; // it was found and is being told, so nothing goes to the old one any more

    void IUpstreamReceiver.OnClosed(UpstreamConnection upstream, WebSocketClosure closure)
    {
        lock (_gate)
        {
            if (ReferenceEquals(upstream, _replay?.Connection))
            {
                _replay.Broke(closure);
                return;
            }

            if (_caller.IsEnded || !ReferenceEquals(upstream, _upstream))
                return;
            _upstream = null;
            _upstreamsRoom.Open();
            _ = upstream.DisposeAsync().AsTask();
            try
            {
                Lost(closure);
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }
    }

    private void Lost(WebSocketClosure closure)
    {
        if (closure.Failure is { } failure)
            Log.Failed(_logger, failure);
        bool mayRetry = RetrySchedule.MayRetry(closure.Code) || _isExpired;
        if (!mayRetry || _setup.ReconnectBudget == TimeSpan.Zero || !_recoveries.TryTake())
        {
            End(new SessionTermination(_isExpired ? TerminationKind.Expired : TerminationKind.EngineFailed,
                closure.Reason.Length > 0 ? KeyText.Hide(closure.Reason) : "the service closed the session",
                mayRetry ? UpstreamLost : null)
            { CloseCode = closure.Code is WebSocketClosure.NoCode or WebSocketClosure.Lost ? null : closure.Code });
            return;
        }

        Log.Lost(_logger, closure.Code);
        _isExpired = false;
        BreakOff();
        if (!_isRenewing) // else the new one is under way already
            _ = RecoverAsync();
    }

    private static RealtimeError UpstreamLost { get; } =
        new(RealtimeError.ServerError, "upstream_lost", "The connection to the service was lost and could not be restored. Open a new session.");

    // Closes what the caller waits for and keeps what it was told.
    private void BreakOff()
    {
        foreach (var response in _mirror.BreakOff())
        {
            if (!response.IsComplete && !response.IsCancelled)
                _broken.Add(response);
            foreach (var (type, e) in response.Close())
            {
                byte[] bytes = EventJson.Bytes(e);
                _mirror.Observe(type, bytes);
                _caller.Pass(type, bytes);
            }
        }
    }

    private bool ForgetBroken(string? responseId) => _broken.RemoveAll(response => responseId is null ? !response.IsOutOfBand : response.Id == responseId) > 0;

    private async Task RecoverAsync()
    {
        long started = _setup.Time.GetTimestamp();
        // One schedule for all tries: a service that takes the connection and breaks it again is tried more and more seldom, too, and not for ever.
        var schedule = new RetrySchedule(_setup.ReconnectBudget, Random.Shared);
        try
        {
            while (true)
            {
                var (connection, refusal) = await _attempts.OpenAsync(this, schedule, started, mayBeEarly: false, _stop.Token);
                if (connection is null)
                {
                    GiveUp(refusal?.Error ?? UpstreamLost);
                    return;
                }

                if (BeginAgain(connection))
                    return;
                var replay = new UpstreamReplay(connection);
                if (await ReplayAsync(replay, started))
                    return;
                if (replay.Refusal is { } final)
                {
                    GiveUp(final.Error ?? UpstreamLost, final.CloseCode);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session ended meanwhile.
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, exception);
            GiveUp(UpstreamLost);
        }
    }

    private void GiveUp(RealtimeError error, int? closeCode = null)
    {
        Log.GaveUp(_logger, error.Code);
        lock (_gate)
        {
            if (_isRenewing && _upstream is not null)
            {
                // The old one still serves; when its time is up that is a break like any other.
                _isRenewing = false;
                return;
            }

            End(new SessionTermination(TerminationKind.EngineFailed, "the service could not be reached again", error) { CloseCode = closeCode });
        }
    }

    // A service that broke before it greeted has nothing to be told again: its session begins with this connection. False when there is a session to go on with.
    private bool BeginAgain(UpstreamConnection connection)
    {
        lock (_gate)
        {
            if (_isCreated)
                return false;
            if (_caller.IsEnded)
            {
                _ = connection.DisposeAsync().AsTask();
                return true;
            }

            _upstream = connection;
            SendOwnFields(connection);
            _ = _input.Rewind();
            foreach (var request in _mirror.Requests.TakeAll())
                SendAgain(request);
            SendHeld();
            connection.Start(); // last: what it has to say is heard at once, and that may be its end
            return true;
        }
    }

    // True when the session goes on with this connection.
    private async Task<bool> ReplayAsync(UpstreamReplay replay, long started)
    {
        var connection = replay.Connection;
        bool isInUse = false;
        try
        {
            lock (_gate)
            {
                if (_caller.IsEnded || PutsOffRenewal())
                    return true;
                (_replay, _isHandingOver) = (replay, true);
                foreach (byte[] e in UpstreamReplay.Events(_mirror))
                    connection.Send(e);
                connection.Start();
            }

            bool isTaken = await TakenAsync(replay, started);
            lock (_gate)
            {
                if (_caller.IsEnded)
                    return true;
                if (!isTaken || replay.IsBroken)
                    return false;
                isInUse = true;
                SwitchTo(connection, replay, started);
                return true;
            }
        }
        finally
        {
            if (!isInUse)
                GiveBack(connection);
        }
    }

    // A turn may have begun while the new one was looked for.
    private bool PutsOffRenewal()
    {
        if (!_isRenewing || _upstream is null || _mirror.MayMove(isLast: !_renewal.CanWait))
            return false;
        _isRenewing = false;
        if (_renewal.CanWait)
            _renewal.Postpone();
        return true;
    }

    // Not to be used; the old one, if it still serves, goes on.
    private void GiveBack(UpstreamConnection connection)
    {
        lock (_gate)
        {
            _replay = null;
            _isHandingOver = false;
            if (_upstream is not null && !_caller.IsEnded)
                SendHeld();
        }

        _ = connection.DisposeAsync().AsTask();
    }

    // An upstream that answers and then says no more, without the mark, may be one that knows less than OpenAI; it gets its chance. One that says nothing at all does not.
    private async Task<bool> TakenAsync(UpstreamReplay replay, long started)
    {
        while (true)
        {
            long before = replay.Progress;
            try
            {
                return await replay.Done.WaitAsync(ReplayTime, _setup.Time, _stop.Token);
            }
            catch (TimeoutException)
            {
                // A long conversation on a slow line takes its time.
                if (replay.Progress == before || _setup.Time.GetElapsedTime(started) > _setup.ReconnectBudget)
                    return replay.Session is not null;
            }
        }
    }

    private void SwitchTo(UpstreamConnection connection, UpstreamReplay replay, long started)
    {
        var old = _upstream;
        _upstream = connection;
        _upstreamsRoom.Open(); // the old one's
        _ownUpdate = null;
        _replay = null;
        _isHandingOver = _isRenewing = false;
        if (old is not null)
        {
            BreakOff(); // an answer that the old one began by itself meanwhile
            _ = old.DisposeAsync().AsTask();
        }

        foreach (var item in _mirror.Items)
            item.IsReplayed = item.ForReplay(null) is not null;
        // All that was told again has the ids that the caller knows.
        _rewriter.Clear();
        _rewriter.Map((string?)replay.Session?["id"] ?? "", _setup.SessionId);
        if (replay.Session is { } session)
            ScheduleRenewal(session);

        // What the service said of its session is not what it takes; what the operator asked for has to be in force all the same.
        if (replay.LacksSettings)
            SendOwnFields(connection);

        // 1. The new one begins to hear where the old one may have stopped; what of that was said in the turn under way counts as said again.
        _continuedSpeech = _mirror.SpeakingItem is { Length: > 0 } speaking ? speaking : null;
        long dropped = _input.Rewind() / _mirror.InputBytesPerMillisecond;
        _rewriter.AudioOffset = _input.Sent / _mirror.InputBytesPerMillisecond;

        // 2. What was asked and not answered is asked again. A caller who asks for something new, as some do as soon as the broken answer has ended, is answered to that.
        var pending = _mirror.Requests.TakeAll();
        foreach (var request in pending)
            SendAgain(request);
        AskAgain(pending.Any(static request => request.AsksForAnswer) || _held.AskForAnswer);

        foreach (var lost in _mirror.IsTranscription ? [.. _mirror.Untranscribed] : (MirrorItem[])[])
            TellUntranscribed(lost);

        // 3. What came meanwhile follows.
        SendHeld();

        Log.Resumed(_logger, _setup.Time.GetElapsedTime(started).TotalMilliseconds, _mirror.Items.Count, dropped, replay.Errors);
        _caller.Tell(ServerEventTypes.Resumed, new JsonObject
        {
            ["session_id"] = _setup.SessionId,
            ["side"] = "engine",
            ["dropped_audio_ms"] = dropped,
        });
    }

    private void SendHeld()
    {
        foreach (var request in _held.TakeAll())
            SendAgain(request);
        SendUnsent(_input.End);
        _input.AllSent();
    }

    private void SendAgain(in ClientRequest request)
    {
        SendUnsent(request.Place);
        if (request.IsForgotten)
            _caller.TellError(TooLargeToKeep, request.Event);
        else
            SendEvent(request.Kind, request.Event);
    }

    private static RealtimeError TooLargeToKeep { get; } = new(RealtimeError.ServerError, "upstream_away",
        "The connection to the service was lost before this event had its effect, and too much waited with it to be kept. Send the event again.");

    private void SendUnsent(long to)
    {
        while (_input.TakeUnsent(to) is { Length: > 0 } piece)
            _upstream!.SendAudio(piece);
    }

    private void AskAgain(bool isAsked)
    {
        foreach (var response in _broken)
        {
            if (response.IsOutOfBand)
            {
                SendEvent(ClientEventKind.ResponseCreate, response.Request!);
            }
            else if (!isAsked)
            {
                isAsked = true;
                SendEvent(ClientEventKind.ResponseCreate, response.Request ?? Respond);
            }
        }

        _broken.Clear();
        if (!isAsked && _mirror.UnansweredItem is not null)
            SendEvent(ClientEventKind.ResponseCreate, Respond);
    }

    // What is told to the new upstream as an item is not written down there.
    private void TellUntranscribed(MirrorItem item)
    {
        item.Transcript = "";
        _caller.Tell(ServerEventTypes.TranscriptionFailed, new JsonObject
        {
            ["item_id"] = item.Id,
            ["content_index"] = 0,
            ["error"] = new JsonObject
            {
                ["type"] = RealtimeError.ServerError,
                ["code"] = "upstream_lost",
                ["message"] = "The connection to the service was lost before this turn was transcribed.",
            },
        });
    }

    private static byte[] Respond { get; } = EventJson.Bytes(new JsonObject { ["type"] = ClientEventTypes.ResponseCreate });

    // The new upstream hears the turn's beginning again and announces it under an id of its own.
    private bool ContinueSpeech(ReadOnlySpan<byte> utf8Json)
    {
        if (_continuedSpeech is not { } known)
            return false;
        _continuedSpeech = null;
        if (_mirror.SpeakingItem != known || (string?)EventJson.Parse(utf8Json)?["item_id"] is not { } again)
            return false;
        _rewriter.Map(again, known);
        return true;
    }

    private bool IsExpiry(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.IndexOf("\"session_expired\""u8) < 0 || _setup.ReconnectBudget == TimeSpan.Zero)
            return false;
        _isExpired = true;
        return true;
    }

    private void ScheduleRenewal(JsonObject session)
    {
        if (_setup.ReconnectBudget > TimeSpan.Zero)
            _renewal.Schedule(session);
    }

    // Make before break: between turns, or when there is no time left to wait for that.
    private void Renew()
    {
        lock (_gate)
        {
            if (_caller.IsEnded || _upstream is null || _isRenewing)
                return;
            if (!_mirror.MayMove(isLast: !_renewal.CanWait))
            {
                if (_renewal.CanWait)
                    _renewal.Postpone();
                return; // mid-answer at the last moment: the break itself is recovered from
            }

            _isRenewing = true;
        }

        _ = RecoverAsync();
    }
}
