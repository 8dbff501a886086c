using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <content>How the sideband is attached, attached again when it breaks, and looked after when it is silent.</content>
internal sealed partial class CallSideband
{
    void IUpstreamReceiver.OnClosed(UpstreamConnection upstream, WebSocketClosure closure)
    {
        lock (_gate)
        {
            if (_caller.IsEnded || !ReferenceEquals(upstream, _upstream))
                return;
            _upstream = null;
            _upstreamsRoom.Open();
            _ = upstream.DisposeAsync().AsTask();
            // The service closes it with the call, too; the next try tells which it was.
            if (!_recoveries.TryTake())
            {
                Lose(null);
                return;
            }

            Log.Lost(_logger, _setup.Call.Id, closure.Code);
        }

        _ = AttachAsync(_setup.ReconnectBudget, mayBeEarly: false);
    }

    // Right after a call was made or accepted the service may not know it yet and answer 404; later a 404 says that the call is over.
    private async Task AttachAsync(TimeSpan budget, bool mayBeEarly)
    {
        try
        {
            var (connection, refusal) = await _attempts.OpenAsync(this, new RetrySchedule(budget, Random.Shared), _setup.Time.GetTimestamp(), mayBeEarly, _stop.Token);
            if (connection is not null)
            {
                Attach(connection, isAgain: !mayBeEarly);
                return;
            }

            if (!mayBeEarly && refusal is not null && UpstreamAttempts.IsUnknown(refusal))
            {
                Conclude();
                return;
            }

            lock (_gate)
                Lose(refusal);
        }
        catch (OperationCanceledException)
        {
            // The call ended meanwhile.
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, _setup.Call.Id, exception);
            lock (_gate)
                Lose(null);
        }
    }

    private void Attach(UpstreamConnection connection, bool isAgain)
    {
        UpstreamConnection? old;
        lock (_gate)
        {
            old = _caller.IsEnded ? connection : _upstream;
            if (!_caller.IsEnded)
            {
                _upstream = connection;
                _heardAt = _setup.Time.GetTimestamp();
                if (isAgain)
                    _caller.Tell(ServerEventTypes.Resumed, new JsonObject { ["session_id"] = _setup.SessionId, ["side"] = "engine", ["dropped_audio_ms"] = 0 });
                while (_held.TryDequeue(out byte[]? held))
                    connection.Send(held);
                _heldBytes = 0;
                _upstreamsRoom.Open(); // the old one's
                connection.Start(); // last: what it has to say is heard at once, and that may be its end
            }
        }

        if (old is not null)
            _ = old.DisposeAsync().AsTask();
    }

    // The service has been seen to leave a sideband open, and silent, whose call was over. Attaching anew shows which it is.
    private void CheckSilence()
    {
        lock (_gate)
        {
            if (_caller.IsEnded || _isProbing || _upstream is null || _setup.Time.GetElapsedTime(_heardAt) < _setup.Silence)
                return;
            _isProbing = true;
        }

        _ = ProbeAsync();
    }

    private async Task ProbeAsync()
    {
        try
        {
            var opening = await _attempts.OnceAsync(this, _stop.Token);
            if (opening.Connection is { } connection)
            {
                lock (_gate)
                    _expectsCreated = true;
                Attach(connection, isAgain: false);
            }
            else if (UpstreamAttempts.IsUnknown(opening.Refusal!))
            {
                Conclude();
            }
        }
        catch (OperationCanceledException)
        {
            // The call ended meanwhile.
        }
        finally
        {
            lock (_gate)
                _isProbing = false;
        }
    }

    private void Conclude()
    {
        _setup.Call.MarkOver();
        lock (_gate)
            End(new SessionTermination(_isExpired ? TerminationKind.Expired : TerminationKind.CallerClosed, "the call is over"));
    }

    private void Lose(SessionRefusal? refusal)
    {
        Log.GaveUp(_logger, _setup.Call.Id, refusal?.Error.Code);
        End(new SessionTermination(TerminationKind.EngineFailed, "the call could not be followed", refusal?.Error
            ?? new RealtimeError(RealtimeError.ServerError, "upstream_lost", "The sideband of this call was lost, so the call was ended.")));
    }
}
