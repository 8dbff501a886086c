using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Engines.Local.Speaking;

/// <summary>Where the sound of one sentence arrives. Called from within the dialogue only.</summary>
public interface IVoiceSink
{
    /// <summary>Times of words, where they are known, in order and before the sound they are of.</summary>
    void AddWords(IReadOnlyList<WordTime> words);

    /// <summary>The next piece, whole samples in the wire format that was asked for. The memory is the sink's from now on.</summary>
    void Add(ReadOnlyMemory<byte> piece);

    /// <summary>All of it has come.</summary>
    void Complete();

    /// <summary>It cannot be said.</summary>
    /// <param name="problem">What went wrong, for the caller's eyes.</param>
    void Fail(string problem);
}
