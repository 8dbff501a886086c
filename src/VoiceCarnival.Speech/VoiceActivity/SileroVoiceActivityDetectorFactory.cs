using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>
/// Silero's detector for each stream, and the energy detector should the weights in this build be damaged.
/// </summary>
internal sealed partial class SileroVoiceActivityDetectorFactory(ILogger<SileroVoiceActivityDetectorFactory> logger) : IVoiceActivityDetectorFactory, IWarmUp
{
    private int _reported;

    public IVoiceActivityDetector Create(int sampleRate)
    {
        try
        {
            return new SileroVoiceActivityDetector(sampleRate);
        }
        catch (InvalidDataException exception)
        {
            if (Interlocked.Exchange(ref _reported, 1) == 0)
                Log.NoWeights(logger, exception);
            return new EnergyVoiceActivityDetector(sampleRate);
        }
    }

    public void WarmUp()
    {
        foreach (int rate in (int[])[24_000, 8_000])
        {
            var detector = Create(rate);
            detector.Process(new short[detector.FrameSamples]); // compiles what a frame runs through
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Silero's weights cannot be read, so turns are found by energy alone")]
        public static partial void NoWeights(ILogger logger, Exception exception);
    }
}
