using VoiceCarnival.Audio;
using VoiceCarnival.Audio.NoiseReduction;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// Takes the noise out of the caller's audio before anything else hears it, as a session with <c>noise_reduction</c> asks. Works on wire bytes; what does not fill a frame of 10 ms yet waits for its rest.
/// </summary>
internal sealed class NoiseFilter(INoiseSuppressor suppressor, AudioFormat format) : IDisposable
{
    private readonly short[] _frame = new short[suppressor.FrameSamples];
    private readonly byte[] _pending = new byte[format.BytesOf(suppressor.FrameSamples)];
    private byte[] _clean = [];
    private int _pendingBytes;

    /// <summary>Takes the next bytes.</summary>
    /// <returns>What has come out: as many, less or more by what waits. Good until the next call.</returns>
    public ReadOnlySpan<byte> Process(ReadOnlySpan<byte> bytes)
    {
        if (_clean.Length < bytes.Length + _pending.Length)
            _clean = new byte[bytes.Length + _pending.Length];
        int length = 0;
        while (!bytes.IsEmpty)
        {
            int n = Math.Min(_pending.Length - _pendingBytes, bytes.Length);
            bytes[..n].CopyTo(_pending.AsSpan(_pendingBytes));
            bytes = bytes[n..];
            _pendingBytes += n;
            if (_pendingBytes < _pending.Length)
                break;
            _pendingBytes = 0;
            format.Decode(_pending, _frame);
            suppressor.Process(_frame);
            length += format.Encode(_frame, _clean.AsSpan(length));
        }

        return _clean.AsSpan(0, length);
    }

    public void Dispose() => suppressor.Dispose();
}
