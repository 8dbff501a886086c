using System.Globalization;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>One sound of speech.</summary>
/// <param name="Name">Its name in the CMU lexicon's alphabet, such as <c>hh</c>; <c>pau</c> is a pause.</param>
/// <param name="Begin">Where it begins in the audio.</param>
/// <param name="End">Where it ends in the audio.</param>
internal readonly record struct Phone(string Name, TimeSpan Begin, TimeSpan End)
{
    public bool IsPause => Name == "pau";

    /// <summary>Reads what <c>flite -psdur</c> prints: names and the times at which they end, in seconds.</summary>
    public static IReadOnlyList<Phone> Parse(string printed)
    {
        var phones = new List<Phone>();
        var begin = TimeSpan.Zero;
        foreach (string piece in printed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = piece.LastIndexOf(':');
            if (colon <= 0 || !double.TryParse(piece.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
                continue;
            var end = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600));
            phones.Add(new Phone(piece[..colon], begin, end));
            begin = end;
        }

        return phones;
    }
}
