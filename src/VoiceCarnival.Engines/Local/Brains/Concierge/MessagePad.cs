namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>Takes one message and reads it back.</summary>
internal sealed class MessagePad
{
    private const int MostCharacters = 500;
    private string? _message;

    /// <summary>It has asked for the message.</summary>
    public bool IsAwaiting { get; private set; }

    /// <summary>The answer to what it has asked for.</summary>
    public string Take(Words said)
    {
        IsAwaiting = false;
        if (said.Is("never mind", "nevermind", "cancel", "forget it", "stop", "no", "nothing", "no message", "forget the message"))
            return "All right, no message.";
        return AsksBack(said) ? ReadBack() : Note(said.Original);
    }

    /// <summary>The answer to a request for a message; null where it is about something else.</summary>
    public string? Answer(Words said)
    {
        if (AsksBack(said))
            return ReadBack();
        bool isAboutIt = said.Has("message", "messages", "note", "notes");
        if (isAboutIt && said.Has("delete", "erase", "clear", "discard", "remove", "forget", "throw"))
            return Erase();
        if (isAboutIt && said.Has("take", "leave", "write", "record", "make", "have a", "got a", "give you a", "note down"))
        {
            // "Take a message: …", "leave a note for Bob saying …" have it all in one turn.
            int colon = said.Original.IndexOf(':', StringComparison.Ordinal);
            string? inline = colon > 0 && said.Original[(colon + 1)..].Trim() is { Length: > 0 } rest ? rest
                : said.OriginalAfter("message", "messages", "note", "notes") is { } tail ? new Words(tail).OriginalAfter("saying that", "saying", "that says", "which says", "that") : null;
            return inline is null ? Ask() : Note(inline);
        }

        if (isAboutIt)
            return null;
        if (said.OriginalAfter("write down", "note down", "write this down", "take this down", "remember that") is { } text && !new Words(text).Is("this", "that", "it", "something", "for me"))
            return Note(text);
        return said.Has("write down", "note down", "write this down", "take this down", "write something down") ? Ask() : null;
    }

    private string Ask()
    {
        IsAwaiting = true;
        return "What is your message?";
    }

    private static bool AsksBack(Words said) =>
        said.Has("read it back", "read it", "read that back", "say it back", "what did i say", "what did i tell you", "read back", "read me back")
        || (said.Has("message", "messages", "note", "notes") && said.Has("read", "play", "repeat", "what is", "whats", "what was", "what were", "any messages", "do i have", "have i got", "are there", "hear"));

    private string Erase()
    {
        string answer = _message is null ? "There is no message." : "The message is gone.";
        _message = null;
        return answer;
    }

    private string Note(string text)
    {
        _message = text.Length <= MostCharacters ? text : text[..(char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters)];
        return $"I wrote down: {Ended(_message)} Ask me to read it back at any time.";
    }

    private string ReadBack() => _message is null ? "There is no message. Say: take a message." : $"Your message is: {Ended(_message)}";

    private static string Ended(string text) => text[^1] is '.' or '!' or '?' ? text : text + ".";
}
