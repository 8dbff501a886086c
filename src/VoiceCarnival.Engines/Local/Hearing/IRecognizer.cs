using VoiceCarnival.Audio;

namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>What a dialogue understands speech with. It works beside the dialogue: asking returns at once, and what comes of it comes as inputs of the dialogue.</summary>
public interface IRecognizer
{
    /// <summary>Listens to a turn while it is spoken.</summary>
    /// <param name="format">Wire format of the audio to come.</param>
    /// <param name="hints">What is known of it.</param>
    /// <param name="onText">Gets all that has been understood so far, which may still change.</param>
    /// <param name="done">Gets what came of the whole, once, after <see cref="IListening.Finish"/>.</param>
    /// <returns>Where the audio goes; null when only whole utterances are understood.</returns>
    IListening? Listen(AudioFormat format, RecognitionHints hints, Action<string> onText, Action<Transcription> done);

    /// <summary>Writes down a whole utterance.</summary>
    /// <returns>Disposing it stops the work; <paramref name="done"/> is not called any more.</returns>
    IDisposable Transcribe(AudioClip speech, RecognitionHints hints, Action<Transcription> done);
}

/// <summary>A turn that is being listened to; disposing it stops the work, and nothing comes of it any more.</summary>
public interface IListening : IDisposable
{
    /// <summary>The next audio.</summary>
    void Append(ReadOnlySpan<byte> audio);

    /// <summary>The turn is over.</summary>
    void Finish();
}

/// <summary>What came of an utterance.</summary>
/// <param name="Text">What was said, empty when nothing was understood; null when the recogniser failed.</param>
/// <param name="Problem">What went wrong, for the caller's eyes.</param>
public readonly record struct Transcription(string? Text, string? Problem = null);

/// <summary>What a session has told about the speech to come (<c>audio.input.transcription</c>).</summary>
/// <param name="Language">ISO 639-1; null where it was not told.</param>
/// <param name="Prompt">Words to expect; null where there are none.</param>
public readonly record struct RecognitionHints(string? Language, string? Prompt = null);
