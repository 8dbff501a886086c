using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime;

// How a session goes on with an upstream that has been told all: what was under way, asked or said meanwhile.
internal sealed partial class OpenAIEngineSession
{
    private string? _continuedSpeech;

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
}
