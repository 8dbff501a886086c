using System.Globalization;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>
/// A small agent that needs no model: it knows a handful of requests by their words, always answers them the same way, and says plainly what it cannot do. Made for demonstrations and tests.
/// </summary>
/// <param name="time">Tells the time, in its own time zone.</param>
/// <param name="hears">False where there is no recogniser: spoken turns then have no words.</param>
public sealed class ConciergeBrain(TimeProvider time, bool hears = true) : IBrain
{
    private const int MostCounted = 100;
    private const int MostSpelt = 60;
    private const string Abilities = "I can tell the time and the date, spell a word, count, take a message and read it back, explain how to reach me, and call your function tools.";
    private bool _isTakingMessage;
    private string? _message;

    /// <inheritdoc/>
    public bool NeedsWords => true;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        var last = request.Context.LastOrDefault(item => item.Type == "function_call_output" || item.Role == "user");
        if (last is null)
            plan.Add(new TextStep($"{Greeting()} I am the concierge. {Abilities}"));
        else if (last.Type == "function_call_output")
            plan.Add(new TextStep(ToolCalls.Spoken(last.Output)));
        else
            plan.Add(Answer(last, request.Options));
        plan.Complete();
    }

    private ResponseStep Answer(ConversationItem turn, ResponseOptions options)
    {
        var said = new Words(turn.Text);
        if (!said.IsEmpty)
            return Answer(said, options);
        return new TextStep(!turn.Content.Exists(part => part.Type == "input_audio") ? "I can only read text and listen to speech."
            : hears ? "I heard you, but I did not understand the words. Please say it again."
            : "I hear that you speak, but this server has no speech recogniser, so I cannot understand the words. Please type to me.");
    }

    private ResponseStep Answer(Words said, ResponseOptions options)
    {
        if (_isTakingMessage)
        {
            _isTakingMessage = false;
            return new TextStep(said.Has("never mind", "cancel", "forget it") ? "All right, no message." : Note(said.Original));
        }

        if (said.Has("message", "messages", "note") && Message(said) is { } message)
            return new TextStep(message);
        if (ToolCalls.For(said, options) is { } call)
            return call;
        return new TextStep(Reply(said));
    }

    private string Reply(Words said) => said switch
    {
        _ when said.Has("spell") => Spell(said),
        _ when said.Has("count") => Count(said),
        _ when said.Has("read it back", "read it", "read that back", "say it back") => ReadBack(),
        _ when said.Has("tool", "tools", "function") => "There is no function tool in this session. Put one into the session's tools, and I will call it.",
        _ when said.Has("time in", "time is it in") && !said.Has("in here") => $"I know the time here only. It is {Clock}.",
        _ when said.Has("time") && !said.Has("first time", "next time", "last time") => $"It is {Clock}.",
        _ when said.Has("date", "what day", "which day", "day is it", "today") => $"Today is {Now.ToString("dddd, MMMM d", CultureInfo.InvariantCulture)}.",
        _ when said.Has("transport", "transports", "connect", "reach you", "call you", "phone", "telephone", "websocket", "web socket", "webrtc", "web r t c", "sip") => Transports,
        _ when said.Has("what can you do", "help", "can you do", "what do you do", "abilities") => Abilities,
        _ when said.Has("who are you", "your name", "what are you") => $"I am the concierge of this voice gateway, a small program without a language model. {Abilities}",
        _ when said.Has("thank you", "thanks", "thank") => "You are welcome.",
        _ when said.Has("bye", "goodbye", "good bye", "good night") => "Goodbye. It was nice talking to you.",
        _ when said.Has("hello", "hi", "hey", "good morning", "good afternoon", "good evening", "greetings") => $"{Greeting()} How can I help you?",
        _ => $"I cannot help with that. {Abilities}",
    };

    private DateTimeOffset Now => time.GetLocalNow();

    private string Clock => Now.ToString("h:mm tt", CultureInfo.InvariantCulture);

    private const string Transports =
        "You can reach me in four ways. A web page or a program can use a WebSocket. A browser can use WebRTC, which copes best with a bad line. A phone can call by SIP, when that is switched on. "
        + "And any client of the Realtime protocol works.";

    private string Greeting() => Now.Hour switch
    {
        < 5 => "Hello.",
        < 12 => "Good morning.",
        < 18 => "Good afternoon.",
        _ => "Good evening.",
    };

    private string? Message(Words said)
    {
        if (said.Has("read", "play", "repeat", "what is my", "whats my"))
            return ReadBack();
        if (!said.Has("take", "leave", "write", "note down", "record", "make"))
            return null;
        // "Take a message: …" has it all in one turn.
        int colon = said.Original.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && colon + 1 < said.Original.Length && said.Original[(colon + 1)..].Trim() is { Length: > 0 } inline)
            return Note(inline);
        _isTakingMessage = true;
        return "What is your message?";
    }

    private string Note(string text)
    {
        _message = text.Length <= 500 ? text : text[..(char.IsHighSurrogate(text[499]) ? 499 : 500)];
        return $"I wrote down: {Ended(_message)} Ask me to read it back at any time.";
    }

    private string ReadBack() => _message is null ? "There is no message. Say: take a message." : $"Your message is: {Ended(_message)}";

    private static string Ended(string text) => text[^1] is '.' or '!' or '?' ? text : text + ".";

    private static string Spell(Words said)
    {
        string? word = (said.After("spell") ?? []).SkipWhile(w => w is "the" or "word" or "me" or "out").FirstOrDefault()?.ToUpperInvariant();
        if (word is null)
            return "Which word shall I spell?";
        return string.Join(", ", word.Take(MostSpelt)) + ".";
    }

    private static string Count(Words said)
    {
        if (said.Has("minus", "negative") || said.HasNegativeNumber)
            return "I count with numbers from zero to one hundred only.";
        var numbers = NumberWords.In(said.All);
        bool isDown = said.Has("down", "backwards", "backward");
        var (from, to) = numbers switch
        {
            [int a, int b, ..] => (a, b),
            [int a] when isDown => (a, 1),
            [int a] => (1, a),
            _ => isDown ? (10, 1) : (1, 10),
        };
        if (from > MostCounted || to > MostCounted)
            return "I count up to one hundred.";
        var counted = Enumerable.Range(0, Math.Abs(to - from) + 1).Select(i => NumberWords.Of(from + (i * Math.Sign(to - from))));
        string row = string.Join(", ", counted);
        return string.Concat(char.ToUpper(row[0], CultureInfo.InvariantCulture).ToString(), row.AsSpan(1), ".");
    }
}
