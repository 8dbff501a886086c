using System.Text;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Text as flite's English voices can read it: printable ASCII, without what is only meant for the eye.</summary>
internal static class PlainText
{
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
                plain.Append(Replacement(rune.Value));
            while (origins.Count < plain.Length)
                origins.Add(place);
            place += rune.Utf16SequenceLength;
        }

        places = origins;
        return plain.ToString();
    }

    private static string Replacement(int rune) => rune switch
    {
        '‘' or '’' or '´' => "'",
        '“' or '”' or '«' or '»' => "\"",
        '–' or '—' or '…' => ", ",
        'ä' or 'à' or 'á' or 'â' or 'ã' or 'å' => "a",
        'Ä' or 'À' or 'Á' or 'Â' or 'Ã' or 'Å' => "A",
        'è' or 'é' or 'ê' or 'ë' => "e",
        'È' or 'É' or 'Ê' or 'Ë' => "E",
        'ì' or 'í' or 'î' or 'ï' => "i",
        'ò' or 'ó' or 'ô' or 'õ' or 'ö' or 'ø' => "o",
        'Ò' or 'Ó' or 'Ô' or 'Õ' or 'Ö' or 'Ø' => "O",
        'ù' or 'ú' or 'û' or 'ü' => "u",
        'Ù' or 'Ú' or 'Û' or 'Ü' => "U",
        'ç' => "c",
        'ñ' => "n",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        '€' => " euro ",
        '£' => " pound ",
        '°' => " degrees ",
        _ => " ",
    };
}
