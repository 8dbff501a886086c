namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>Whether somebody who pauses is likely to go on.</summary>
internal enum SentenceOutlook
{
    /// <summary>There are no words to tell by.</summary>
    Unknown,

    /// <summary>What was said can stand for itself.</summary>
    Finished,

    /// <summary>Something must follow.</summary>
    Unfinished,
}

/// <summary>Tells by the words so far whether a sentence is finished. Recognisers write no full stops, so it goes by words that no English sentence ends with.</summary>
internal static class SentenceOutlooks
{
    private static readonly HashSet<string> Dangling = new(StringComparer.OrdinalIgnoreCase)
    {
        // articles and possessives
        "a", "an", "the", "my", "your", "his", "its", "our", "their",
        // conjunctions and what opens a clause
        "and", "but", "or", "nor", "so", "because", "if", "unless", "although", "while", "when", "whether", "that", "which", "who", "than", "as", "until", "since",
        // prepositions that hardly end a spoken sentence
        "of", "from", "into", "onto", "at", "by", "between", "during", "without", "towards", "with", "for", "to", "per", "via", "about",
        // verbs that want company
        "is", "are", "was", "were", "am", "i'm", "you're", "we're", "they're", "i'll", "i'd", "i've", "will", "would", "could", "should", "shall", "must", "may", "might",
        "let", "let's", "want", "need", "gonna", "wanna", "have", "has", "had",
        // pronouns that begin something
        "i", "we", "he", "she", "they",
        // thinking aloud
        "um", "uh", "uhm", "er", "erm", "hmm", "like", "well", "also", "very", "really", "please",
    };

    // Some of the above do end short sentences: "yes I am", "please", "so am I".
    private static readonly string[] Whole = ["please", "yes please", "i am", "yes i am", "so am i", "you have", "i have", "it is", "yes it is", "no it's not"];

    public static SentenceOutlook Of(string? text)
    {
        if (text is null)
            return SentenceOutlook.Unknown;
        var rest = text.AsSpan().TrimEnd();
        if (rest.IsEmpty)
            return SentenceOutlook.Unknown;
        if (rest[^1] is '.' or '!' or '?')
            return rest.EndsWith("...", StringComparison.Ordinal) ? SentenceOutlook.Unfinished : SentenceOutlook.Finished;
        if (rest[^1] is ',' or '-' or '–' or '…' or ':' or ';')
            return SentenceOutlook.Unfinished;
        foreach (string whole in Whole)
        {
            if (rest.Equals(whole, StringComparison.OrdinalIgnoreCase))
                return SentenceOutlook.Finished;
        }

        int space = rest.LastIndexOf(' ');
        return Dangling.GetAlternateLookup<ReadOnlySpan<char>>().Contains(rest[(space + 1)..]) ? SentenceOutlook.Unfinished : SentenceOutlook.Finished;
    }
}
