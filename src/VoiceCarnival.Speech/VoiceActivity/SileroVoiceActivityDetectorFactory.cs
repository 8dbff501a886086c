using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>
/// Silero's detector for each stream, and the energy detector should the weights in this build be damaged.
/// </summary>
internal sealed partial class SileroVoiceActivityDetectorFactory(ILogger<SileroVoiceActivityDetectorFactory> logger) : IVoiceActivityDetectorFactory, IWarmUp
{
    private const int CallsUntilCompiled = 35; // for good: 30 count
    private int _reported;

    public bool RunsPerFrame => true;

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
            for (int i = 0; i < CallsUntilCompiled; i++)
                detector.Process(new short[detector.FrameSamples]);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Silero's weights cannot be read, so turns are found by energy alone")]
        public static partial void NoWeights(ILogger logger, Exception exception);
    }
}
