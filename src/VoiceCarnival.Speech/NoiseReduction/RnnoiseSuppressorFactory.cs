using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.NoiseReduction;

namespace VoiceCarnival.Speech.NoiseReduction;

/// <summary>RNNoise for each stream; none, once told to the log, should the module in this build be damaged or not run on this system.</summary>
internal sealed partial class RnnoiseSuppressorFactory(ILogger<RnnoiseSuppressorFactory> logger) : INoiseSuppressorFactory, IWarmUp
{
    private int _reported;

    public INoiseSuppressor? Create(int sampleRate)
    {
        if (sampleRate is not (8_000 or 16_000 or 24_000 or 48_000))
            return null;
        try
        {
            return new RnnoiseSuppressor(sampleRate);
        }
        catch (Exception exception) when (exception is InvalidDataException or DllNotFoundException or TypeInitializationException or Wasmtime.WasmtimeException)
        {
            if (Interlocked.Exchange(ref _reported, 1) == 0)
                Log.NotThere(logger, exception);
            return null;
        }
    }

    public void WarmUp()
    {
        using var suppressor = Create(24_000);
        suppressor?.Process(new short[suppressor.FrameSamples]);
    }

    private static partial class Log
    {
        [LoggerMessage(3003, LogLevel.Warning, "RNNoise cannot be used, so noise_reduction changes nothing")]
        public static partial void NotThere(ILogger logger, Exception exception);
    }
}
