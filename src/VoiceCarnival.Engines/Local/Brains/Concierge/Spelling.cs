namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>Spells words, and asks which where that was not said.</summary>
internal sealed class Spelling
{
    private const int MostLetters = 60;
    private const int MostWords = 4;
    private string? _last;

    /// <summary>It has asked for a word.</summary>
    public bool IsAwaiting { get; private set; }

    /// <summary>The letters, or a question.</summary>
    /// <param name="said">The request.</param>
    /// <param name="name">The caller's name, as far as it is known.</param>
    public string Answer(Words said, string? name)
    {
        string[] words = [.. (said.After("spell", "spelling of", "spelling") ?? []).SkipWhile(static w => w is "the" or "word" or "words" or "me" or "out" or "for" or "name" or "of" or "a" or "an").TakeWhile(static w => w is not ("please" or "for"))];
        if (words is ["my", "name"] or ["my", "own", "name"])
            return name is null ? Ask("I do not know your name. Which word shall I spell?") : Spell(name);
        if (words is ["your", "name"])
            return Spell("concierge");
        if (words is ["it"] or ["that"] or ["it", "again"] or ["that", "again"] or ["again"])
            return _last is null ? Ask() : Spell(_last);
        return words.Length == 0 ? Ask() : Spell(string.Join(' ', words.Take(MostWords)));
    }

    /// <summary>The word that it has asked for; null where what was said is no single word or two.</summary>
    public string? Continue(Words said)
    {
        IsAwaiting = false;
        string[] words = [.. said.All.Where(static w => w is not ("please" or "the" or "word"))];
        return words.Length is 0 or > MostWords ? null : Spell(string.Join(' ', words));
    }

    /// <summary>It does not wait for a word any more.</summary>
    public void Forget() => IsAwaiting = false;

    private string Ask(string question = "Which word shall I spell?")
    {
        IsAwaiting = true;
        return question;
    }

    private string Spell(string text)
    {
        _last = text;
        int left = MostLetters;
        var spelt = new List<string>();
        foreach (string word in text.ToUpperInvariant().Split(' '))
        {
            string letters = word[..Math.Min(word.Length, left)];
            left -= letters.Length;
            if (letters.Length > 0)
                spelt.Add(string.Join(", ", letters.EnumerateRunes()) + ".");
        }

        return string.Join(' ', spelt);
    }
}
