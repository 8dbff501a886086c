using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Audio.Opus;

/// <summary>Opus for one voice at 24 kHz (RFC 6716), by libopus.</summary>
/// <remarks>
/// To the library digital silence is as much work as speech, and an agent is silent for most of a call. So a silence that lasts is sent as the packet that says so, and
/// the encoder begins afresh with what comes after it, as a decoder does after that packet: it is of another mode than speech (RFC 6716, section 4.5.2).
/// </remarks>
public sealed class OpusEncoder : AudioEncoder
{
    // Loss that comes and goes would have the encoder switch with every report.
    private const int LossStep = 5;
    // Protection against half of all packets lost would halve what is protected.
    private const int MostLoss = 30;
    // By then what was said before has left the encoder, which looks ahead by less than a frame, and has died away in its filters.
    private const int SilentFrames = 5;
    private const int SilenceLength = OpusLibrary.SampleRate / 50;
    private readonly OpusEncoderHandle _encoder;
    private readonly bool _isContinuous;
    private int _lossPercent;
    private int _silentFrames;

    /// <summary>An encoder.</summary>
    /// <exception cref="InvalidOperationException">There is no libopus, or it has no memory.</exception>
    public OpusEncoder(OpusOptions options)
    {
        if (!OpusLibrary.IsAvailable)
            throw new InvalidOperationException("libopus is not installed.");
        _encoder = OpusLibrary.CreateEncoder(OpusLibrary.SampleRate, 1, OpusLibrary.Voip, out int error);
        if (error != 0 || _encoder.IsInvalid)
            throw new InvalidOperationException($"libopus gave no encoder: error {error}.");
        _isContinuous = !options.DiscontinuousTransmission;
        Set(OpusLibrary.SetBitrate, options.Bitrate);
        Set(OpusLibrary.SetComplexity, options.Complexity);
        Set(OpusLibrary.SetInbandFec, options.ForwardErrorCorrection ? 1 : 0);
        Set(OpusLibrary.SetDtx, options.DiscontinuousTransmission ? 1 : 0);
        Set(OpusLibrary.SetSignal, OpusLibrary.SignalVoice);
    }

    /// <summary>20 ms of silence: CELT, full band, mono, and a frame whose first bit says that there is nothing in it (RFC 6716, sections 3.1 and 4.3).</summary>
    private static ReadOnlySpan<byte> Silence => [0xF8, 0xFF, 0xFE];

    /// <inheritdoc/>
    /// <remarks>Lengths of 2.5, 5, 10, 20, 40 and 60 ms.</remarks>
    public override int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        if (_isContinuous && samples.Length == SilenceLength && !samples.ContainsAnyExcept((short)0))
        {
            if (_silentFrames == SilentFrames)
            {
                Silence.CopyTo(payload);
                return Silence.Length;
            }

            _silentFrames++;
        }
        else
        {
            if (_silentFrames == SilentFrames)
                _ = OpusLibrary.Control(_encoder, OpusLibrary.ResetState, 0); // takes no argument, so that it works everywhere
            _silentFrames = 0;
        }

        int length = OpusLibrary.Encode(_encoder, samples, samples.Length, payload, payload.Length);
        // A packet of one or two bytes "need not be transmitted" (the library's words on DTX); errors are negative.
        return length <= 2 ? 0 : length;
    }

    /// <inheritdoc/>
    public override void ExpectLoss(double share)
    {
        int percent = (int)Math.Ceiling(Math.Clamp(share, 0, 1) * 100 / LossStep) * LossStep;
        percent = Math.Min(percent, MostLoss);
        if (percent == _lossPercent)
            return;
        _lossPercent = percent;
        Set(OpusLibrary.SetPacketLossPercent, percent);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _encoder.Dispose();
        base.Dispose(disposing);
    }

    private void Set(int request, int value)
    {
        if (OpusLibrary.TakesSettings)
            _ = OpusLibrary.Control(_encoder, request, value);
    }
}
