using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class TranscriptionTests
{
    [Fact]
    public void TranscriptionSession_TranscribesAndNeverAnswers()
    {
        var h = new DialogueHarness(DialogueHarness.Script(DialogueHarness.LongAnswer), session: DialogueHarness.NewSession("transcription"));
        Assert.Equal("realtime.transcription_session", h.Last.Text("session.object"));
        Assert.Null(h.Last.Text("session.model"));
        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, h.Last.Find("session.audio.output").ValueKind);
        h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"gpt-transcribe\"},\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":600}}}");
        int from = h.Events.Count;
        h.Speak(Speech.Hello);
        h.Silence(1000);
        Assert.Equal(
            [
                "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added",
                "conversation.item.done", "conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
            ],
            h.Order(from));
        Assert.Equal("hello there", h.Single("conversation.item.input_audio_transcription.completed").Text("transcript"));
        h.Refused("""{"type":"response.create"}""", "invalid_event", "type");
        h.Refused("""{"type":"session.update","session":{"type":"transcription","instructions":"x"}}""", "unknown_parameter", "session.instructions");
        h.CheckFlow();
    }

    [Fact]
    public void Transcription_ThatTheEngineCannotMake_Fails()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"},\"turn_detection\":null}}");
        h.Speak(Speech.Hello);
        var failed = h.Send("""{"type":"input_audio_buffer.commit"}""")[^1];
        Assert.Equal("conversation.item.input_audio_transcription.failed", failed.Type);
        h.CheckFlow();
    }
}
