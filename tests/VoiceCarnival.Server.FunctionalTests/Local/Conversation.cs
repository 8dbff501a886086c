using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Local;

/// <summary>A gateway whose local engine hears and speaks with what is embedded, and a caller who has the same voice and ears.</summary>
public sealed class Conversation : IAsyncDisposable
{
    private readonly Gateway _gateway;

    /// <summary>With the concierge.</summary>
    public Conversation()
        : this(("VoiceCarnival:Local:Brain", "concierge"))
    {
    }

    internal Conversation(params (string Key, string Value)[] settings) =>
        _gateway = new Gateway([("VoiceCarnival:Local:SpeechToText:Provider", "auto"), ("VoiceCarnival:Local:Echo", "auto"), .. settings], localEngine: true);

    public Uri Address => _gateway.Address;

    /// <summary>Waits until the recogniser is loaded, or skips the test where there is none.</summary>
    public async Task NeedsRecogniserAsync()
    {
        Assert.SkipWhen(_gateway.Services.GetService<ISpeechToTextClient>() is null, "There is no recogniser: apt-get install libpocketsphinx3 pocketsphinx-en-us");
        await HearAsync(new short[24_000]);
    }

    /// <summary>What somebody says, with a second of silence after it; 24 kHz.</summary>
    public async Task<short[]> SayAsync(string text, string voice = "ash")
    {
        var samples = new List<short>();
        await foreach (var update in _gateway.Services.GetRequiredService<ITextToSpeechClient>().GetStreamingAudioAsync(text, new TextToSpeechOptions { VoiceId = voice }))
        {
            foreach (var data in update.Contents.OfType<DataContent>())
                samples.AddRange(MemoryMarshal.Cast<byte, short>(data.Data.Span));
        }

        return [.. new short[4800], .. samples, .. new short[24_000]];
    }

    /// <summary>What somebody hears in it.</summary>
    public async Task<string> HearAsync(short[] samples, int rate = 24_000)
    {
        using var wav = new MemoryStream(WavWriter.Write(samples, rate));
        return (await _gateway.Services.GetRequiredService<ISpeechToTextClient>().GetTextAsync(wav, new SpeechToTextOptions { SpeechSampleRate = rate })).Text;
    }

    /// <summary>A caller with whole sentences as turns.</summary>
    public async Task<RealtimeTestClient> CallAsync(string format = "audio/pcm", string more = "", string model = "any")
    {
        var client = await RealtimeTestClient.ConnectAsync(Address, $"model={model}", subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.SendAsync($$"""
            {"type":"session.update","session":{"type":"realtime",{{more}}"audio":{"input":{"format":{"type":"{{format}}"},"transcription":{"model":"any"},
             "turn_detection":{"type":"server_vad","silence_duration_ms":500} },"output":{"format":{"type":"{{format}}"},"voice":"ash"} } } }
            """);
        await client.WaitForAsync("session.updated");
        return client;
    }

    public static byte[] ToPcmu(short[] samples)
    {
        var resampler = new Resampler(24_000, 8_000);
        var narrow = new short[resampler.OutputLength(samples.Length)];
        resampler.Process(samples, narrow);
        var bytes = new byte[narrow.Length];
        AudioFormat.Pcmu.Encode(narrow, bytes);
        return bytes;
    }

    public static short[] FromPcmu(byte[] bytes)
    {
        var samples = new short[bytes.Length];
        AudioFormat.Pcmu.Decode(bytes, samples);
        return samples;
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();
}
