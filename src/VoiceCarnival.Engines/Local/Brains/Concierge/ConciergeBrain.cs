using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>
/// A small agent that needs no model: it knows a handful of requests by their words, always answers them the same way, and says plainly what it cannot do. Made for demonstrations and tests.
/// </summary>
/// <param name="time">Tells the time, in its own time zone.</param>
/// <param name="hears">False where there is no recogniser: spoken turns then have no words.</param>
public sealed class ConciergeBrain(TimeProvider time, bool hears = true) : IBrain
{
    private const int LongestName = 40;
    private const string Abilities = "I can tell the time and the date, spell a word, count, take a message and read it back, explain how to reach me, and call your function tools.";
    private readonly Calendar _calendar = new(time);
    private readonly MessagePad _pad = new();
    private readonly Spelling _spelling = new();
    private string? _answered;
    private string? _name;
    private string? _reply;

    /// <inheritdoc/>
    public bool NeedsWords => true;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        var last = request.Context.LastOrDefault(item => item.Type == "function_call_output" || item.Role == "user");
        if (last is null)
            plan.Add(Say($"{_calendar.Greeting} I am the concierge. {Abilities}"));
        else if (last.Type == "function_call_output")
            plan.Add(Say(ToolCalls.Spoken(last.Output)));
        else
            plan.Add(Answer(last, request.Options));
        plan.Complete();
    }

    private TextStep Say(string text) => new(_reply = text);

    private ResponseStep Answer(ConversationItem turn, ResponseOptions options)
    {
        var said = new Words(turn.Text);
        if (said.IsEmpty)
        {
            return new TextStep(!turn.Content.Exists(part => part.Type == "input_audio") ? "I can only read text and listen to speech."
                : hears ? "I heard you, but I did not understand the words. Please say it again."
                : "I hear that you speak, but this server has no speech recogniser, so I cannot understand the words. Please type to me.");
        }

        // A second answer to the same turn is none to what the first one asked.
        bool isNew = turn.Id != _answered;
        _answered = turn.Id;
        if (_pad.IsAwaiting && isNew)
            return Say(_pad.Take(said));
        if (_pad.Answer(said) is { } noted)
            return Say(noted);
        if (ToolCalls.For(said, options) is { } call)
            return call;
        string? reply = Reply(said);
        if (reply is null && _spelling.IsAwaiting && isNew)
            reply = _spelling.Continue(said);
        else if (isNew && !said.Has("spell", "spelling"))
            _spelling.Forget();
        return Say(reply ?? "I cannot help with that. I can tell the time, spell, count and take a message. Ask me what else I can do.");
    }

    private string? Reply(Words said) => said switch
    {
        _ when said.Is("what", "sorry", "pardon", "excuse me", "again", "repeat", "come again", "what was that") || said.Has("say that again", "say it again", "repeat that", "repeat it", "what did you say", "i beg your pardon") =>
            _reply ?? "I have not said anything yet.",
        _ when said.Has("spell", "spelling") => _spelling.Answer(said, _name),
        _ when Counting.IsAsked(said) => Counting.Of(said),
        _ when said.Has("what can you do", "help", "can you do", "what do you do", "what you can do", "what else", "abilities", "what can i say", "what can i ask", "commands", "options") => Abilities,
        _ when said.Has("tool", "tools", "function") => "There is no function tool in this session. Put one into the session's tools, and I will call it.",
        _ when said.Has("who are you", "your name", "what are you") => $"I am the concierge of this voice gateway, a small program without a language model. {Abilities}",
        _ when said.Has("what is my name", "whats my name", "who am i", "do you know my name") => _name is null ? "You have not told me your name." : $"You are {_name}.",
        _ when said.OriginalAfter("my name is") is { } name => Greet(name),
        _ => SmallTalk.Ways(said) ?? SmallTalk.Answer(said) ?? _calendar.Answer(said) ?? Hello(said),
    };

    private string? Hello(Words said) => said.Has("hello", "hi", "hey", "good morning", "good afternoon", "good evening", "greetings") ? $"{_calendar.Greeting} How can I help you?" : null;

    private string Greet(string name)
    {
        string first = name.Split([' ', ',', '.', '!', '?', ';'], 2)[0];
        _name = first.Length is 0 or > LongestName ? null : char.ToUpperInvariant(first[0]) + first[1..];
        return _name is null ? $"{_calendar.Greeting} How can I help you?" : $"Hello, {_name}. How can I help you?";
    }
}
