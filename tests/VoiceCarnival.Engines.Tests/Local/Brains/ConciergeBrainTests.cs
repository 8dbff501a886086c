using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Brains.Concierge;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

public sealed class ConciergeBrainTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 15, 5, 0, TimeSpan.Zero));
    private readonly DialogueHarness _h;

    public ConciergeBrainTests() => _h = new DialogueHarness(new ConciergeBrain(_time));

    private string Say(string text)
    {
        _h.CreateText(text);
        return Reply();
    }

    private string Reply()
    {
        _h.Send("""{"type":"response.create"}""");
        return _h.RunUntilDone().Text("response.output.0.content.0.text") ?? string.Empty;
    }

    private void Tools(string tools) => _h.Update($"\"tools\":{tools}");

    [Theory]
    [InlineData("Hello!", "Good afternoon. How can I help you?")]
    [InlineData("hi", "Good afternoon. How can I help you?")]
    [InlineData("What time is it?", "It is 3:05 PM.")]
    [InlineData("what's the time", "It is 3:05 PM.")]
    [InlineData("what day is it today", "Today is Saturday, November 28.")]
    [InlineData("Spell the word gateway, please.", "G, A, T, E, W, A, Y.")]
    [InlineData("spell hello", "H, E, L, L, O.")]
    [InlineData("spell", "Which word shall I spell?")]
    [InlineData("Count to five", "One, two, three, four, five.")]
    [InlineData("count from 8 to twelve", "Eight, nine, ten, eleven, twelve.")]
    [InlineData("count down from four", "Four, three, two, one.")]
    [InlineData("count from ninety nine to one hundred", "Ninety nine, one hundred.")]
    [InlineData("count to a thousand and 2000", "I count up to one hundred.")]
    [InlineData("count to a million", "I count up to one hundred.")]
    [InlineData("count to two thousand", "I count up to one hundred.")]
    [InlineData("count to one hundred and five", "I count up to one hundred.")]
    [InlineData("count from one hundred to ninety nine", "One hundred, ninety nine.")]
    [InlineData("count to two hundred twenty two", "I count up to one hundred.")]
    [InlineData("count to 99999999999", "I count up to one hundred.")]
    [InlineData("count to -5", "I count with numbers from zero to one hundred only.")]
    [InlineData("count 1-3", "One, two, three.")]
    [InlineData("tell me the time in Tokyo", "I know the time here only. It is 3:05 PM.")]
    [InlineData("count", "One, two, three, four, five, six, seven, eight, nine, ten.")]
    [InlineData("thanks a lot", "You are welcome.")]
    [InlineData("goodbye", "Goodbye. It was nice talking to you.")]
    [InlineData("read it back", "There is no message. Say: take a message.")]
    [InlineData("what did I say", "There is no message. Say: take a message.")]
    [InlineData("how are you today", "I am fine, thank you. How can I help you?")]
    [InlineData("are you a robot?", "I am a program, and a small one: the concierge of this voice gateway. There is no language model behind me.")]
    [InlineData("can you hear me", "Yes, I am here.")]
    [InlineData("my name is ada lovelace", "Hello, Ada. How can I help you?")]
    [InlineData("what is my name", "You have not told me your name.")]
    [InlineData("what?", "I have not said anything yet.")]
    [InlineData("okay", "All right. What can I do for you?")]
    [InlineData("see you later", "Goodbye. It was nice talking to you.")]
    [InlineData("wie spät ist es? Привет", "I understand English only.")]
    [InlineData("what year is it", "It is 2026.")]
    [InlineData("what month is it", "It is November.")]
    [InlineData("what day is tomorrow", "Tomorrow is Sunday, November 29.")]
    [InlineData("and what was yesterday", "Yesterday was Friday, November 27.")]
    [InlineData("could you tell me what time it is", "It is 3:05 PM.")]
    [InlineData("spell New York", "N, E, W. Y, O, R, K.")]
    [InlineData("how do you spell necessary please", "N, E, C, E, S, S, A, R, Y.")]
    [InlineData("spell my name", "I do not know your name. Which word shall I spell?")]
    [InlineData("count to ten by twos", "Two, four, six, eight, ten.")]
    [InlineData("count in fives to twenty", "Five, ten, fifteen, twenty.")]
    [InlineData("count from ten to zero in steps of five", "Ten, five, zero.")]
    [InlineData("count two five", "One, two, three, four, five.")]
    [InlineData("count from one two three", "One, two, three.")]
    [InlineData("come down from three", "Three, two, one.")]
    [InlineData("start a countdown", "Ten, nine, eight, seven, six, five, four, three, two, one.")]
    [InlineData("use a tool", "There is no function tool in this session. Put one into the session's tools, and I will call it.")]
    public void KnownRequests_AreAnswered(string said, string answer) => Assert.Equal(answer, Say(said));

    [Theory]
    [InlineData("what is the meaning of life")]
    [InlineData("Prove Fermat's last theorem")]
    [InlineData("!?")]
    [InlineData("I was counting on you")]
    [InlineData("long time no see")]
    [InlineData("🙂")]
    public void WhatItCannotDo_IsSaidPlainly(string said) =>
        Assert.Contains("I can", Say(said), StringComparison.Ordinal);

    [Theory]
    [InlineData("How can I connect to you?")]
    [InlineData("explain the transports")]
    [InlineData("can I call you by phone")]
    public void Transports_AreExplained(string said) => Assert.Contains("WebRTC", Say(said), StringComparison.Ordinal);

    [Fact]
    public void AMessage_IsTakenAndReadBack()
    {
        Assert.Equal("What is your message?", Say("Please take a message."));
        Assert.Equal("I wrote down: The train is late. Ask me to read it back at any time.", Say("The train is late"));
        Assert.Equal("It is 3:05 PM.", Say("what time is it"));
        Assert.Equal("Your message is: The train is late.", Say("read my message"));
        Assert.Equal("I wrote down: call Bob! Ask me to read it back at any time.", Say("take a message: call Bob!"));
        Assert.Equal("Your message is: call Bob!", Say("read it back"));
        Say("leave a message");
        Assert.Equal("All right, no message.", Say("never mind"));
        Assert.Equal("Your message is: call Bob!", Say("what is my message"));
    }

    [Theory]
    [InlineData("take a message that the train is late", "the train is late.")]
    [InlineData("Please leave a note for Bob saying buy milk!", "buy milk!")]
    [InlineData("write down: eggs and flour", "eggs and flour.")]
    [InlineData("remember that Ann called", "Ann called.")]
    public void AMessageInTheSameBreath_IsTaken(string said, string noted)
    {
        Assert.Equal($"I wrote down: {noted} Ask me to read it back at any time.", Say(said));
        Assert.Equal($"Your message is: {noted}", Say("What was my message?"));
        Assert.Equal("The message is gone.", Say("delete the message"));
        Assert.StartsWith("There is no message.", Say("do I have any messages"), StringComparison.Ordinal);
    }

    [Fact]
    public void WhoAsksForTheMessageInsteadOfSayingIt_HearsTheFormerOne()
    {
        Say("take a message: one");
        Assert.Equal("What is your message?", Say("take another message"));
        Assert.Equal("Your message is: one.", Say("read it back"));
        Assert.Equal("What is your message?", Say("write this down"));
        Assert.Equal("What is your message?", Reply()); // a second answer to the same turn
        Assert.StartsWith("I wrote down: two.", Say("two"), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatItAsked_IsWhatTheNextTurnAnswers()
    {
        Assert.Equal("Which word shall I spell?", Say("spell"));
        Assert.Equal("R, H, Y, T, H, M.", Say("rhythm"));
        Assert.Equal("R, H, Y, T, H, M.", Say("spell it again"));
        Assert.Equal("R, H, Y, T, H, M.", Say("say that again, please"));
        Say("spell");
        Assert.Equal("It is 3:05 PM.", Say("what time is it"));
        Assert.StartsWith("I cannot help with that.", Say("rhythm"), StringComparison.Ordinal);
        Say("my name is Zoë.");
        Assert.Equal("Z, O, Ë.", Say("spell my name"));
    }

    [Theory]
    [InlineData("what is WebRTC", "browsers")]
    [InlineData("tell me about web sockets", "events both ways")]
    [InlineData("what is sip?", "dial agent")]
    public void OneWay_IsExplainedByItself(string said, string part) => Assert.Contains(part, Say(said), StringComparison.Ordinal);

    [Fact]
    public void WithoutATurn_ItGreets() => Assert.StartsWith("Good afternoon. I am the concierge.", Reply(), StringComparison.Ordinal);

    [Fact]
    public void ATool_IsCalledByItsName_AndItsResultTold()
    {
        Tools("""
            [{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}}}},
             {"type":"function","name":"switchLights","parameters":{"type":"object","properties":{"on":{"type":"boolean"},"level":{"type":"integer"}}}}]
            """);
        Assert.Empty(Say("what is the weather like in London in celsius"));
        var call = _h.Events.FindLast(e => e.Type == "response.function_call_arguments.done")!;
        Assert.Equal("get_weather", call.Text("name"));
        Assert.Equal("celsius", JsonElement.Parse(call.Text("arguments")!).GetProperty("unit").GetString());
        Assert.StartsWith("london", JsonElement.Parse(call.Text("arguments")!).GetProperty("city").GetString(), StringComparison.Ordinal);
        _h.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{call.Text("call_id")}}","output":"{\"temperature\":12,\"sky\":\"grey\"}"} }""");
        Assert.Equal("The tool says: temperature 12, sky grey.", Reply());

        Say("turn off the light to level twenty");
        var lights = _h.Events.FindLast(e => e.Type == "response.function_call_arguments.done")!;
        Assert.Equal("switchLights", lights.Text("name"));
        Assert.Equal("""{"on":false,"level":20}""", lights.Text("arguments"));

        Say("get weather in Paris tomorrow, please");
        Assert.Equal("paris", JsonElement.Parse(_h.Of("response.function_call_arguments.done").Last().Text("arguments")!).GetProperty("city").GetString());

        Assert.Equal("It is 3:05 PM.", Say("what time is it"));
        _h.CheckFlow();
    }

    [Theory]
    [InlineData("\"none\"", false)]
    [InlineData("\"required\"", true)]
    [InlineData("{\"type\":\"function\",\"name\":\"f\"}", true)]
    public void ToolChoice_IsFollowed(string choice, bool isCalled)
    {
        _h.Update($"\"tools\":[{{\"type\":\"function\",\"name\":\"f\"}}],\"tool_choice\":{choice}");
        Say("hello");
        Assert.Equal(isCalled, _h.Of("response.function_call_arguments.done").Any());
    }

    [Fact]
    public void Speech_WithoutARecogniser_IsAnsweredHonestly()
    {
        var h = new DialogueHarness(new ConciergeBrain(_time, hears: false));
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Hello);
        h.Silence(1000);
        Assert.Contains("no speech recogniser", h.RunUntilDone().Text("response.output.0.content.0.text"), StringComparison.Ordinal);
    }

    [Fact]
    public void ASpokenQuestion_IsAnsweredInSpeech()
    {
        var voice = new HandVoice();
        var recognizer = new HandRecognizer();
        var h = new DialogueHarness(new ConciergeBrain(_time), voice: voice, recognizer: recognizer);
        h.Update(Speech.HelloIsOneTurn);
        h.Speak(Speech.Hello);
        h.Silence(700);
        recognizer.Last.Complete(h, "what time is it");
        voice.Asked[0].Finish(h);
        Assert.Equal("It is 3:05 PM.", h.RunUntilDone().Text("response.output.0.content.0.transcript"));
        h.CheckFlow();
    }

    /// <summary>Whatever is said and whatever tools there are, there is an answer.</summary>
    [Fact]
    public void AnyWords_AreAnswered()
    {
        string[] vocabulary = ["take", "a", "message", "read", "it", "back", "count", "to", "from", "minus", "hundred", "99999999999", "zero", "spell", "time", "tool", "get", "weather", "in", ":", "", "\ud800", "’", "off"];
        var random = new Random(5);
        Tools("""[{"type":"function","name":"get_weather","parameters":{"type":"object","properties":{"a":{"enum":[1,null,"off"]},"b":{"type":["string"]},"c":7,"d":{"type":"number"}}}},{"type":"function","name":"_"}]""");
        var brain = new ConciergeBrain(_time);
        for (int i = 0; i < 3000; i++)
        {
            string said = string.Join(' ', Enumerable.Range(0, random.Next(8)).Select(_ => vocabulary[random.Next(vocabulary.Length)]));
            var plan = new ResponsePlan();
            var item = new VoiceCarnival.Protocols.Realtime.ConversationItem
            {
                Id = "i",
                Type = "message",
                Role = "user",
                Content = [new() { Type = "input_text", Text = said }],
            };
            brain.Respond(new BrainRequest(VoiceCarnival.Protocols.Realtime.ResponseOptions.From(_h.Dialogue.Session), [item], 0), plan);
            Assert.True(plan.IsComplete);
            Assert.True(plan.HasSteps, said);
        }
    }

    [Fact]
    public void AHugeToolAndAHugeTurn_MakeASmallCall()
    {
        string properties = string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"p{i}\":{{\"type\":\"string\"}}").Append($"\"{new string('n', 10_000)}\":{{\"type\":\"string\"}}"));
        Tools($$"""[{"type":"function","name":"weather","parameters":{"type":"object","properties":{ {{properties}} } } }]""");
        Say(string.Concat(Enumerable.Repeat("long ", 100_000)) + "weather");
        Say(new string('x', 500_000) + " weather");
        Say("weather " + new string('x', 500_000));
        Assert.All(_h.Of("response.function_call_arguments.done"), call => Assert.InRange(call.Text("arguments")!.Length, 100, 20_000));
    }
}
