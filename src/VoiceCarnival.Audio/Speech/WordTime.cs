namespace VoiceCarnival.Audio.Speech;

/// <summary>
/// A word and where it is heard in synthesised speech. A speech client that knows puts a list of them, in order, under <see cref="Key"/> into the additional properties of its updates.
/// </summary>
/// <param name="Start">Index of its first character in the text that was to be spoken.</param>
/// <param name="Length">Characters, with what is written to it, such as a comma.</param>
/// <param name="Begin">Where it begins, from the start of the audio of that text.</param>
/// <param name="End">Where it ends.</param>
public readonly record struct WordTime(int Start, int Length, TimeSpan Begin, TimeSpan End)
{
    /// <summary>Name of the additional property; its value is an <see cref="IReadOnlyList{T}"/> of <see cref="WordTime"/>.</summary>
    public const string Key = "word_times";

    /// <summary>There is no sound of it: whoever spoke cannot say it. It is not to be told to have been said.</summary>
    public bool IsLeftOut { get; init; }
}
