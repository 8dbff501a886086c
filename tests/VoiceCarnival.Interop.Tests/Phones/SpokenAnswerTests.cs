using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Somebody calls the concierge by telephone and asks something aloud; what the phone then plays is the right answer, as a recogniser hears it.</summary>
public sealed class SpokenAnswerTests
{
    private const int Narrow = 8000;

    [Fact]
    public async Task ASpokenQuestion_ByTelephoneBand_GetsTheRightAnswer()
    {
        PhoneProgram.Require("baresip");
        await using var person = new Person();
        Assert.SkipUnless(person.Understands, Person.NoRecogniser);
        await using var server = await PhoneServer.StartAsync(null,
            ("VoiceCarnival:Local:Brain", "concierge"), ("VoiceCarnival:Local:VoiceActivity", "silero"), ("VoiceCarnival:Local:SpeechToText:Provider", "auto"),
            ("VoiceCarnival:Sip:Agents:0:Name", "agent"), ("VoiceCarnival:Sip:Agents:0:Voice", "ash"));
        short[] question = [.. new short[Person.Rate * 3 / 2], .. await person.SayAsync("Can you count to seven?"), .. new short[Person.Rate * 40]];
        var resampler = new Resampler(Person.Rate, Narrow);
        var narrow = new short[resampler.OutputLength(question.Length)];
        await using var phone = Baresip.Start(narrow[..resampler.Process(question, narrow)], ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@127.0.0.1:{server.Port}");

        await phone.SaysAsync("Call established");
        await phone.HearsAnAnswerAsync();
        await phone.StopAsync();
        // Of that band the recogniser gets a word wrong now and then.
        string heard = await person.UnderstandAsync(phone.Heard(), Narrow);
        Assert.True(WordError.Count("one two three four five six seven", heard) <= 2, $"what the phone played is '{heard}'");
    }
}
