using System.Buffers;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// Brings decoded audio into the session's input format and hands it on. G.711 goes on byte for byte to a session that takes it. Allocates nothing per frame while the
/// receiver keeps up; not thread-safe.
/// </summary>
/// <param name="receive">Takes the audio; the memory is its own until the task completes.</param>
internal sealed class InputWriter(Func<ReadOnlyMemory<byte>, ValueTask> receive)
{
    private const int MaxSamples = 24 * AudioDecoder.MaxPacketMilliseconds;
    private const int MaxWaitingBytes = 96_000;
    private readonly short[] _samples = new short[MaxSamples + 1];
    private readonly ArrayBufferWriter<byte> _waiting = new();
    private byte[] _bytes = new byte[2 * (MaxSamples + 1)];
    private Task? _pending;
    private volatile StrongBox _format = new(AudioFormat.Pcm24k);

    /// <summary>The session's input format. May be set from any thread.</summary>
    public AudioFormat Format
    {
        get => _format.Format;
        set
        {
            if (value != _format.Format)
                _format = new StrongBox(value);
        }
    }

    /// <summary>Milliseconds that found no room: the engine did not take them in time.</summary>
    public long DroppedMilliseconds { get; private set; }

    /// <summary>Writes a stretch of audio.</summary>
    /// <param name="codec">Whose.</param>
    /// <param name="samples">At the codec's rate.</param>
    /// <param name="payload">The same as it came, when it did.</param>
    public void Write(InboundCodec codec, ReadOnlySpan<short> samples, ReadOnlySpan<byte> payload)
    {
        var format = Format;
        int length;
        if (codec.Codec.WireFormat == format && payload.Length == samples.Length)
        {
            payload.CopyTo(_bytes);
            length = payload.Length;
        }
        else if (codec.Codec.SampleRate == format.SampleRate)
        {
            length = format.Encode(samples, _bytes);
        }
        else
        {
            int count = codec.ResamplerTo(format.SampleRate).Process(samples, _samples);
            length = format.Encode(_samples.AsSpan(0, count), _bytes);
        }

        Send(length, format);
    }

    private void Send(int length, AudioFormat format)
    {
        if (_pending is { IsCompleted: false })
        {
            // The engine is held up. RTP cannot be held; two seconds are kept.
            if (_waiting.WrittenCount + length > MaxWaitingBytes)
                DroppedMilliseconds += length / format.BytesPerMillisecond;
            else
                _waiting.Write(_bytes.AsSpan(0, length));
            return;
        }

        _pending = null;
        if (_waiting.WrittenCount > 0)
        {
            _waiting.Write(_bytes.AsSpan(0, length));
            byte[] all = _waiting.WrittenSpan.ToArray();
            _waiting.Clear();
            Send(all);
            return;
        }

        if (!Send(_bytes.AsMemory(0, length)))
            _bytes = new byte[_bytes.Length]; // the old one is the engine's for now
    }

    private bool Send(ReadOnlyMemory<byte> audio)
    {
        var sending = receive(audio);
        if (sending.IsCompletedSuccessfully)
            return true;
        _pending = sending.AsTask();
        return false;
    }

    private sealed record StrongBox(AudioFormat Format);
}
