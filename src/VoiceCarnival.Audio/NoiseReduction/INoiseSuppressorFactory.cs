namespace VoiceCarnival.Audio.NoiseReduction;

/// <summary>Makes a suppressor for each stream.</summary>
public interface INoiseSuppressorFactory
{
    /// <summary>A new suppressor, or null where there is none for that rate.</summary>
    /// <param name="sampleRate">Samples per second of the stream; 8,000 and 24,000 are those of the Realtime protocol.</param>
    INoiseSuppressor? Create(int sampleRate);
}
