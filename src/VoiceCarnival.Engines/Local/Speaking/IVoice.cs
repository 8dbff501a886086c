using VoiceCarnival.Audio;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Speaking;

/// <summary>What a dialogue speaks with. It works beside the dialogue: asking returns at once, and what comes of it comes through <see cref="IVoiceSink"/>, as inputs of the dialogue.</summary>
public interface IVoice
{
    /// <summary>Begins to make the sound of one sentence.</summary>
    /// <param name="sentence">What to say.</param>
    /// <param name="settings">Voice and speed.</param>
    /// <param name="format">Wire format of the sound.</param>
    /// <param name="sink">Gets the sound.</param>
    /// <returns>Disposing it stops the work; the sink gets nothing more.</returns>
    IDisposable Speak(string sentence, AudioOutputSettings settings, AudioFormat format, IVoiceSink sink);
}
