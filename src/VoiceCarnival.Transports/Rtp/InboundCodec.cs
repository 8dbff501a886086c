using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Resampling;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>A codec that the peer may send, with what it needs once it does.</summary>
internal sealed class InboundCodec(AudioCodec codec) : IDisposable
{
    private AudioDecoder? _decoder;
    private Resampler? _resampler;

    public AudioCodec Codec => codec;

    public AudioDecoder Decoder => _decoder ??= codec.CreateDecoder();

    /// <summary>From the codec's rate to another.</summary>
    public Resampler ResamplerTo(int rate)
    {
        if (_resampler?.OutputRate != rate)
            _resampler = new Resampler(codec.SampleRate, rate);
        return _resampler;
    }

    public void Dispose() => _decoder?.Dispose();
}
