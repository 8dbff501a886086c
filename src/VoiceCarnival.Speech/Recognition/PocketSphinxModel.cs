namespace VoiceCarnival.Speech.Recognition;

/// <summary>What PocketSphinx knows of English: sounds, words, and which words follow each other.</summary>
/// <param name="Acoustic">Folder of the acoustic model.</param>
/// <param name="Language">File of the language model.</param>
/// <param name="Dictionary">File of the dictionary.</param>
internal sealed record PocketSphinxModel(string Acoustic, string Language, string Dictionary)
{
    /// <summary>Where Debian's pocketsphinx-en-us has it.</summary>
    public const string SystemFolder = "/usr/share/pocketsphinx/model/en-us";

    /// <summary>The model in a folder, or in the system's; null if it is not there.</summary>
    public static PocketSphinxModel? Find(string? folder)
    {
        folder = string.IsNullOrWhiteSpace(folder) ? SystemFolder : Path.GetFullPath(folder);
        var model = new PocketSphinxModel(Path.Combine(folder, "en-us"), Path.Combine(folder, "en-us.lm.bin"), Path.Combine(folder, "cmudict-en-us.dict"));
        return File.Exists(Path.Combine(model.Acoustic, "mdef")) && File.Exists(model.Language) && File.Exists(model.Dictionary) ? model : null;
    }
}
