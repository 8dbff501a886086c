using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech;

namespace VoiceCarnival.Testing.Audio;

/// <summary>Somebody who speaks with the voice of this build and understands with the recogniser of this system: asks a server questions aloud, and tells what its answers were.</summary>
public sealed class Person : IAsyncDisposable
{
    /// <summary>Samples per second of what is said.</summary>
    public const int Rate = 24_000;

    private readonly ServiceProvider _services;

    /// <summary>With a voice and ears of its own.</summary>
    public Person()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([]).Build().GetSection("Local");
        _services = new ServiceCollection().AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddSingleton(TimeProvider.System).AddOptions().AddSpeech(settings).BuildServiceProvider();
    }

    /// <summary>There is a recogniser on this system; without one, nobody understands what was said.</summary>
    public bool Understands => _services.GetService<ISpeechToTextClient>() is not null;

    /// <summary>How to get one.</summary>
    public const string NoRecogniser = "There is no recogniser: apt-get install libpocketsphinx3 pocketsphinx-en-us";

    /// <summary>Says something.</summary>
    /// <param name="text">What.</param>
    /// <param name="voice">One of flite's or of OpenAI's.</param>
    /// <returns>The sound, 24 kHz.</returns>
    public async Task<short[]> SayAsync(string text, string voice = "ash")
    {
        var samples = new List<short>();
        await foreach (var update in _services.GetRequiredService<ITextToSpeechClient>().GetStreamingAudioAsync(text, new TextToSpeechOptions { VoiceId = voice }))
        {
            foreach (var data in update.Contents.OfType<DataContent>())
                samples.AddRange(MemoryMarshal.Cast<byte, short>(data.Data.Span));
        }

        return [.. samples];
    }

    /// <summary>Listens to something.</summary>
    /// <param name="samples">The sound, mono.</param>
    /// <param name="rate">Samples per second.</param>
    /// <returns>The words.</returns>
    public async Task<string> UnderstandAsync(short[] samples, int rate = Rate)
    {
        using var wav = new MemoryStream(WavWriter.Write(samples, rate));
        return (await _services.GetRequiredService<ISpeechToTextClient>().GetTextAsync(wav)).Text;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
