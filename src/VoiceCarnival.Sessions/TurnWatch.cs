using System.Diagnostics;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>
/// Counts what a session's events tell of its turns, and measures the time from the end of the caller's speech to the first audio of the answer. Not thread-safe;
/// the session's lock guards it.
/// </summary>
internal sealed class TurnWatch(SessionStatistics statistics, SessionMetrics metrics, TagList tags, TimeProvider time)
{
    private long _speechStoppedAt;
    private bool _awaitsFirstAudio;

    /// <summary>An event of the engine, or an error of the session's own.</summary>
    public void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        switch (type)
        {
            case ServerEventTypes.SpeechStopped:
                _speechStoppedAt = time.GetTimestamp();
                _awaitsFirstAudio = true;
                break;
            case ServerEventTypes.SpeechStarted:
                _awaitsFirstAudio = false;
                break;
            case ServerEventTypes.OutputBufferStarted: // media that pass us by are heard from here on
                AudioCame();
                break;
            case ServerEventTypes.ResponseCreated:
                statistics.Turns++;
                metrics.Turn(tags);
                break;
            case ServerEventTypes.ResponseDone when utf8Json.IndexOf("\"turn_detected\""u8) >= 0:
                statistics.Interruptions++;
                metrics.Interruption(tags);
                break;
            case ServerEventTypes.Error:
                statistics.Errors++;
                metrics.Error(tags, SessionExtensions.ErrorCode(utf8Json));
                break;
        }
    }

    /// <summary>A piece of the engine's audio.</summary>
    public void AudioCame()
    {
        if (!_awaitsFirstAudio)
            return;
        _awaitsFirstAudio = false;
        var latency = time.GetElapsedTime(_speechStoppedAt);
        statistics.FirstAudioTotal += latency;
        statistics.MeasuredTurns++;
        metrics.FirstAudio(tags, latency);
    }
}
