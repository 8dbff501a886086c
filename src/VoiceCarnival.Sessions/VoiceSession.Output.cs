using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions;

/// <content>What the engine and this server say.</content>
public sealed partial class VoiceSession
{
    /// <summary>Sends an event of ours to the caller, beside what the engine says.</summary>
    public void SendToCaller(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            WriteEvent(type, utf8Json);
            if (type == ServerEventTypes.Expiring)
                _sidebands?.Write(type, utf8Json);
        }
    }

    /// <summary>Sends an event of ours to everybody who is attached.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="isState">It tells how things stand, so that sidebands which come later are told the last one of its kind.</param>
    public void Announce(string type, ReadOnlySpan<byte> utf8Json, bool isState = false)
    {
        lock (_gate)
        {
            if (isState)
                _sidebands?.Remember(type, utf8Json);
            if (type == ServerEventTypes.Expiring)
                _presence.IsPrompted = true;
            _sidebands?.Write(type, utf8Json);
            WriteEvent(type, utf8Json);
        }
    }

    /// <summary>Sends an <c>error</c> event of ours to the caller; the session goes on, unless there were too many.</summary>
    /// <param name="error">What was wrong.</param>
    /// <param name="clientEventId">Of the event that it is about.</param>
    public void SendError(RealtimeError error, string? clientEventId = null)
    {
        byte[] json = SessionExtensions.ErrorEvent(error, clientEventId);
        lock (_gate)
        {
            Observe(ServerEventTypes.Error, json);
            WriteEvent(ServerEventTypes.Error, json);
        }
    }

    /// <summary>What the engine last said of how it takes the caller's audio.</summary>
    public InputSettings Input { get; private set; } = InputSettings.Default;

    /// <inheritdoc/>
    bool IVoiceEngineOutput.OnEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            Observe(type, utf8Json);
            if (type is ServerEventTypes.SessionCreated or ServerEventTypes.SessionUpdated)
                Input = InputSettings.Read(utf8Json);
            // Before anybody can see the event: who sees it may rely on the caller's having been heard.
            if (_connection is { IsElsewhere: true } && _presence.ShowsIn(type, utf8Json))
                LastHeardFrom = _time.GetTimestamp();
            _sidebands?.Write(type, utf8Json);
            if (_hidesFields && !OperatorFields.TryHide(ref utf8Json))
                return true;
            bool room = WriteEvent(type, utf8Json);
            if (type == ServerEventTypes.SessionCreated)
            {
                _isCreated = true;
                _extensions.OnSessionCreated(_connection);
            }

            return room;
        }
    }

    /// <inheritdoc/>
    bool IVoiceEngineOutput.OnAudio(in EngineAudio audio)
    {
        lock (_gate)
        {
            if (_termination is not null)
                return false;
            _turns.AudioCame();
            audio.Item.SentSamples = audio.SampleOffset + audio.SampleCount;
            _playout.Track(audio.Item);
            Statistics.BytesOut += audio.Payload.Length + audio.Event.Length;
            if (_connection is { } connection)
                return connection.WriteAudio(audio);
            _held.AddAudio(audio);
            return false;
        }
    }

    /// <inheritdoc/>
    void IVoiceEngineOutput.OnTurnMeasured(TurnLatency latency)
    {
        lock (_gate)
        {
            if (_termination is not null)
                return;
            Statistics.StagedTurns++;
            Statistics.RecognitionTotal += latency.Recognition;
            Statistics.ThinkingTotal += latency.Thinking;
            Statistics.SpeakingTotal += latency.Speaking + latency.Sending;
            _metrics.Measured(_tags, latency);
            if (_connection is { UnderstandsExtensions: true } connection)
                SessionExtensions.WriteLatency(connection, latency);
        }
    }

    /// <inheritdoc/>
    void IVoiceEngineOutput.OnEnded(SessionTermination termination) => End(termination);

    private bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        Statistics.BytesOut += utf8Json.Length;
        if (_connection is { } connection)
            return connection.WriteEvent(type, utf8Json);
        if (_termination is null)
            _held.AddEvent(type, utf8Json);
        return false;
    }

    private void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        Spend?.Observe(type, utf8Json);
        _turns.Observe(type, utf8Json);
        // Not here, under the lock, and behind the error itself.
        if (type == ServerEventTypes.Error && _termination is null && !_refusals.TryTake(_time.GetTimestamp()))
            ThreadPool.UnsafeQueueUserWorkItem(static session => session.End(RefusalAllowance.UsedUp), this, preferLocal: false);
    }
}
