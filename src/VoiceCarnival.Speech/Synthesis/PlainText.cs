using System.Globalization;
using System.Text;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Text as flite's English voices can read it: printable ASCII, without what is only meant for the eye. Latin letters lose what stands above or below them.</summary>
internal static class PlainText
{
    // The letter or letters to read, then all that are read so.
    private static readonly string[] Letters =
    [
        "a:äàáâãåāăąǎạảấầẩẫậắằẳẵặ", "ae:æ", "b:ḃ", "c:çćĉċč", "d:ďđḍ", "dh:ð", "e:èéêëēĕėęěẹẻẽếềểễệ", "f:ƒ", "g:ĝğġģǧ", "h:ĥħḥ", "i:ìíîïĩīĭįıỉị", "ij:ĳ", "j:ĵ", "k:ķ", "l:ĺļľŀł", "n:ñńņňŋ",
        "o:òóôõöøōŏőơọỏốồổỗộớờởỡợ", "oe:œ", "r:ŕŗřṛ", "s:śŝşšșṣ", "ss:ß", "t:ţťŧțṭ", "th:þ", "u:ùúûüũūŭůűųưụủứừửữự", "w:ŵẁẃẅ", "y:ýÿŷỳỵỷỹ", "z:źżžẓ",
        "ff:ﬀ", "fi:ﬁ", "fl:ﬂ",
    ];

    private static readonly Dictionary<int, string> Readings = AllReadings();

    /// <param name="text">The text.</param>
    /// <param name="places">Of every character of the plain text, the place of the one in the text that it stands for.</param>
    public static string Of(ReadOnlySpan<char> text, out IReadOnlyList<int> places)
    {
        var plain = new StringBuilder(text.Length);
        var origins = new List<int>(text.Length);
        int place = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is > 32 and < 127)
                plain.Append(rune.Value is '*' or '_' or '#' or '`' or '|' or '<' or '>' or '~' or '^' or '\\' ? ' ' : (char)rune.Value);
            else
                plain.Append(Replacement(rune));
            while (origins.Count < plain.Length)
                origins.Add(place);
            place += rune.Utf16SequenceLength;
        }

        places = origins;
        return plain.ToString();
    }

    private static string Replacement(Rune rune) => Readings.TryGetValue(rune.Value, out string? reading) ? reading
        // An accent of its own, a soft hyphen, a mark of direction: they do not end the word that they are in.
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format ? ""
        : " ";

    private static Dictionary<int, string> AllReadings()
    {
        var readings = new Dictionary<int, string>();
        foreach (string line in Letters)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            foreach (char letter in line.AsSpan(colon + 1))
            {
                readings[letter] = line[..colon];
                if (char.ToUpperInvariant(letter) is var upper && upper != letter && upper > 127)
                    readings[upper] = string.Concat(char.ToUpperInvariant(line[0]).ToString(), line.AsSpan(1, colon - 1));
            }
        }

        readings['İ'] = "I";
        foreach (char quote in "‘’´ʼ")
            readings[quote] = "'";
        foreach (char quote in "“”„«»")
            readings[quote] = "\"";
        foreach (char pause in "–—…")
            readings[pause] = ", ";
        foreach (var (sign, words) in ((char, string)[])
            [('€', "euro"), ('£', "pound"), ('¥', "yen"), ('¢', "cents"), ('°', "degrees"), ('½', "half"), ('¼', "a quarter"), ('¾', "three quarters"), ('×', "times"), ('÷', "divided by"), ('±', "plus or minus"), ('№', "number"), ('−', "minus")])
        {
            readings[sign] = $" {words} ";
        }

        readings['‐'] = readings['‑'] = "-";
        return readings;
    }
}
