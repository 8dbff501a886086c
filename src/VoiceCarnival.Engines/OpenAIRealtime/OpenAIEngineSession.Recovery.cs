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
