using VoiceCarnival.Audio.Opus;

namespace VoiceCarnival.Audio.Codecs;

/// <summary>A codec of calls, as SDP names it, and how to get an encoder and a decoder.</summary>
public sealed class AudioCodec
{
    private readonly Func<OpusOptions, AudioEncoder> _encoder;
    private readonly Func<AudioDecoder> _decoder;

    internal AudioCodec(string name, int clockRate, int sampleRate, Func<OpusOptions, AudioEncoder> encoder, Func<AudioDecoder> decoder)
    {
        Name = name;
        ClockRate = clockRate;
        SampleRate = sampleRate;
        _encoder = encoder;
        _decoder = decoder;
    }

    /// <summary>The name in <c>a=rtpmap</c>.</summary>
    public string Name { get; }

    /// <summary>Clock of the RTP timestamps, in Hz, as <c>a=rtpmap</c> has it. Not the rate of the audio: see G.722 and Opus.</summary>
    public int ClockRate { get; }

    /// <summary>Channels in <c>a=rtpmap</c>; what is sent is mono.</summary>
    public int Channels { get; internal init; } = 1;

    /// <summary>The payload type that RFC 3551 gives it for good; null when SDP assigns one.</summary>
    public byte? PayloadType { get; internal init; }

    /// <summary>Parameters for <c>a=fmtp</c> in an answer; null when it has none.</summary>
    public string? Parameters { get; internal init; }

    /// <summary>Samples per second of the PCM16 that encoder and decoder work on.</summary>
    public int SampleRate { get; }

    /// <summary>The Realtime protocol's format with the same bytes as the RTP payload (G.711), which then need no transcoding.</summary>
    public AudioFormat? WireFormat { get; internal init; }

    /// <summary>Samples of a number of milliseconds.</summary>
    public int SamplesOf(int milliseconds) => SampleRate / 1000 * milliseconds;

    /// <summary>RTP clock units of a number of samples.</summary>
    public int ClockUnitsOf(int samples) => (int)((long)samples * ClockRate / SampleRate);

    /// <summary>Samples of a number of RTP clock units.</summary>
    public long SamplesOfClockUnits(long units) => units * SampleRate / ClockRate;

    /// <summary>An encoder for one call. The options count for Opus only.</summary>
    public AudioEncoder CreateEncoder(OpusOptions? options = null) => _encoder(options ?? OpusOptions.Default);

    /// <summary>A decoder for one call.</summary>
    public AudioDecoder CreateDecoder() => _decoder();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
