using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Audio.Opus;

/// <summary>
/// Opus to one voice at 24 kHz (RFC 6716), by libopus: packets of any length, mode and band width, coded in mono or stereo; concealment, and recovery from the
/// copy in the packet after (in-band FEC).
/// </summary>
public sealed class OpusDecoder : AudioDecoder
{
    private const int MaxSamples = OpusLibrary.SampleRate / 1000 * MaxPacketMilliseconds;
    // Concealment goes in steps of 2.5 ms.
    private const int Step = OpusLibrary.SampleRate / 400;
    // A packet of several frames may have up to 48 of up to 1275 bytes (RFC 6716, section 3.2.5); nothing longer is Opus.
    private const int MaxPayload = 48 * 1275 + 64;
    private readonly OpusDecoderHandle _decoder;

    /// <summary>A decoder.</summary>
    /// <exception cref="InvalidOperationException">There is no libopus, or it has no memory.</exception>
    public OpusDecoder()
    {
        if (!OpusLibrary.IsAvailable)
            throw new InvalidOperationException("libopus is not installed.");
        _decoder = OpusLibrary.CreateDecoder(OpusLibrary.SampleRate, 1, out int error);
        if (error != 0 || _decoder.IsInvalid)
            throw new InvalidOperationException($"libopus gave no decoder: error {error}.");
    }

    /// <inheritdoc/>
    public override int SamplesIn(ReadOnlySpan<byte> payload)
    {
        // An empty payload means "lost" to the library.
        if (payload.IsEmpty || payload.Length > MaxPayload)
            return 0;
        int samples = OpusLibrary.SamplesIn(payload, payload.Length, OpusLibrary.SampleRate);
        return samples is < 0 or > MaxSamples ? 0 : samples;
    }

    /// <inheritdoc/>
    public override int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        int count = SamplesIn(payload);
        if (count == 0 || count > samples.Length)
            return 0;
        return Math.Max(0, OpusLibrary.Decode(_decoder, payload, payload.Length, samples, count, 0));
    }

    /// <inheritdoc/>
    public override void Conceal(Span<short> samples) => Fill(samples, default);

    /// <inheritdoc/>
    public override void Recover(ReadOnlySpan<byte> following, Span<short> samples)
    {
        // The copy is that of one frame, the last of the gap; what is missing before it is made up.
        int frame = SamplesIn(following);
        int recovered = frame == 0 ? 0 : Math.Min(frame, samples.Length / Step * Step);
        Fill(samples[..^recovered], default);
        Fill(samples[^recovered..], following);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }

    private void Fill(Span<short> samples, ReadOnlySpan<byte> following)
    {
        while (samples.Length >= Step)
        {
            int count = Math.Min(samples.Length / Step * Step, MaxSamples);
            int written = OpusLibrary.Decode(_decoder, following, following.Length, samples, count, following.IsEmpty ? 0 : 1);
            if (written <= 0)
                break;
            samples = samples[Math.Min(written, samples.Length)..];
            following = default;
        }

        samples.Clear();
    }
}
