using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>Fifty frames a second from every caller: nothing on that path may allocate.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("audio/pcm", false)]
    [InlineData("audio/pcmu", false)]
    [InlineData("audio/pcm", true)]
    [InlineData("audio/pcma", true)]
    public void InputAudio_WhileNobodySpeaks_AllocatesNothing(string wireType, bool asEvents)
    {
        Assert.True(AudioFormat.TryParse(wireType, out var format));
        var session = DialogueHarness.NewSession();
        session = session with { Input = session.Input with { Format = wireType } };
        var options = new LocalEngineOptions();
        var dialogue = new Dialogue(
            new DialogueSetup
            {
                Session = session,
                Brain = new EchoBrain(),
                Options = options,
                Pace = OutputPace.From(options),
                ExpiresAt = TimeSpan.FromHours(1),
                CreateDetector = f => new EnergyVoiceActivityDetector(f.SampleRate),
            }, new NoOutput());
        dialogue.Start(TimeSpan.Zero);
        byte[] frame = new byte[20 * format.BytesPerMillisecond];
        var random = new Random(1);
        format.Encode([.. Enumerable.Range(0, format.SampleRate / 50).Select(_ => (short)random.Next(-30, 30))], frame);
        byte[] json = System.Text.Encoding.UTF8.GetBytes($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(frame)}}"}""");

        int i = 0;
        void Run()
        {
            for (int end = i + 1000; i < end; i++)
            {
                var now = TimeSpan.FromMilliseconds(20 * i);
                if (asEvents)
                    dialogue.Receive(ClientEventPeek.KindOf(json), json, now);
                else
                    dialogue.ReceiveAudio(frame, now);
            }
        }

        Assert.Equal(0, Allocations.Least(Run));
    }

    private sealed class NoOutput : IVoiceEngineOutput
    {
        public bool OnEvent(string type, ReadOnlySpan<byte> utf8Json) => true;

        public bool OnAudio(in EngineAudio audio) => true;

        public void OnEnded(SessionTermination termination)
        {
        }
    }
}
