using System.Text;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Text as flite's English voices can read it: printable ASCII, without what is only meant for the eye.</summary>
internal static class PlainText
{
    public static string Of(ReadOnlySpan<char> text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is > 32 and < 127)
                plain.Append(rune.Value is '*' or '_' or '#' or '`' or '|' or '<' or '>' or '~' or '^' or '\\' ? ' ' : (char)rune.Value);
            else
                plain.Append(Replacement(rune.Value));
        }

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
