using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <content>What the caller sends.</content>
public sealed partial class VoiceSession
{
    /// <summary>One event from the caller. Ours are answered here, all else goes to the engine.</summary>
    public ValueTask ReceiveEventAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        HeardFromCaller(utf8Json.Length);
        var kind = ClientEventPeek.KindOf(utf8Json.Span);
        if (kind is ClientEventKind.Ping or ClientEventKind.Playout)
        {
            _extensions.Receive(kind, utf8Json);
            return ValueTask.CompletedTask;
        }

        if (kind == ClientEventKind.HangUp)
        {
            // Where the end of a connection alone does not tell a hang-up from a page that is loaded anew.
            End(SessionTermination.CallerClosed);
            return ValueTask.CompletedTask;
        }

        string? eventId = null;
        if (_policy?.CheckEvent(kind, utf8Json, out eventId) is { } refused)
        {
            SendError(refused, eventId);
            return ValueTask.CompletedTask;
        }

        return SendToEngineAsync(kind, utf8Json, cancellationToken);
    }

    /// <summary>An event of the operator's own, such as a greeting: the policy binds callers, not whoever made it.</summary>
    public ValueTask SendOperatorEventAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken) =>
        SendToEngineAsync(ClientEventPeek.KindOf(utf8Json.Span), utf8Json, cancellationToken);

    /// <summary>A piece of audio from the caller, in the session's input format.</summary>
    public ValueTask ReceiveAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        HeardFromCaller(audio.Length);
        return _engine!.SendAudioAsync(audio, cancellationToken);
    }

    /// <summary>The attached connection has room for audio again.</summary>
    public void ResumeOutput() => _engine?.ResumeOutput();

    internal ValueTask SendToEngineAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        if (kind == ClientEventKind.OutputBufferClear && ClearOutput())
            return ValueTask.CompletedTask;
        if (kind == ClientEventKind.ResponseCreate)
            WasAskedToRespond = true;
        return _engine!.SendEventAsync(kind, utf8Json, cancellationToken);
    }

    private bool ClearOutput()
    {
        lock (_gate)
        {
            if (_connection is { } connection)
                return connection.ClearOutput();
            // A call that has no line yet: what is held for it is cut off when it gets one.
            if (_sidebands is null)
                return false;
            _held.AddClear();
            return true;
        }
    }

    private void HeardFromCaller(int bytes)
    {
        LastHeardFrom = _time.GetTimestamp();
        Statistics.BytesIn += bytes;
        _extensions.CallerWasHeard();
    }
}
