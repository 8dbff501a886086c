using VoiceCarnival.Audio;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Hearing;

namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>A recogniser that understands what the test says, when it says so.</summary>
internal sealed class HandRecognizer(bool isLive = true) : IRecognizer
{
    public List<Turn> Turns { get; } = [];

    public Turn Last => Turns[^1];

    public IListening? Listen(AudioFormat format, RecognitionHints hints, Action<string> onText, Action<Transcription> done)
    {
        if (!isLive)
            return null;
        var turn = new Turn(format, hints, onText, done);
        Turns.Add(turn);
        return turn;
    }

    public IDisposable Transcribe(AudioClip speech, RecognitionHints hints, Action<Transcription> done)
    {
        var turn = new Turn(speech.Format, hints, _ => { }, done);
        turn.Append(speech.Bytes.Span);
        turn.Finish();
        Turns.Add(turn);
        return turn;
    }

    internal sealed class Turn(AudioFormat format, RecognitionHints hints, Action<string> onText, Action<Transcription> done) : IListening
    {
        public RecognitionHints Hints => hints;

        public long Bytes { get; private set; }

        public double Milliseconds => (double)Bytes / format.BytesPerMillisecond;

        public bool IsFinished { get; private set; }

        public bool IsStopped { get; private set; }

        public void Append(ReadOnlySpan<byte> audio) => Bytes += audio.Length;

        public void Finish() => IsFinished = true;

        public void Dispose() => IsStopped = true;

        /// <summary>What is understood so far.</summary>
        public void Understand(DialogueHarness h, string text) => h.Run(() =>
        {
            if (!IsStopped)
                onText(text);
        });

        public void Complete(DialogueHarness h, string? text, string? problem = null) => h.Run(() =>
        {
            if (!IsStopped)
                done(new Transcription(text, problem));
        });
    }
}
