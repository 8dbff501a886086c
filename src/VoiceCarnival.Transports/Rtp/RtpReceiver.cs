using VoiceCarnival.Audio;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One call's way in: packets wait in a box that any thread fills, and one thread of the clock's takes them out, decodes them and hands the sound to the engine. What is not
/// <see cref="TryAdd"/> or <see cref="Close"/> is that thread's.
/// </summary>
internal sealed class RtpReceiver(AudioCallOptions options, RtpMediaOptions media, RtpReports reports, InputWriter input, Action<char, bool> onDigit) : IDisposable
{
    private const int LongestPacket = 2048;
    // More than any voice sends while a thread is held up; who sends more shares the thread with others.
    private const int MostAtATime = 32;
    private readonly PacketInbox _inbox = new();
    private readonly InboundAudio _audio = new(options, media, input, onDigit);
    private volatile bool _isClosed;

    /// <summary>The format that the engine hears in.</summary>
    public AudioFormat Format
    {
        get => input.Format;
        set => input.Format = value;
    }

    /// <summary>Sound that was made up where packets were lost.</summary>
    public TimeSpan Concealed => _audio.Concealed;

    /// <summary>Silence that was made up where none were sent.</summary>
    public TimeSpan Silence => _audio.Silence;

    /// <summary>Copies a packet that came, no longer encrypted.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> packet, bool isRtcp, TimeSpan at) => _inbox.TryAdd(packet, isRtcp, at);

    /// <summary>Takes what came, and lets time pass for what did not.</summary>
    /// <returns>True when more may be there, for another turn.</returns>
    public bool Work(TimeSpan now)
    {
        Span<byte> packet = stackalloc byte[LongestPacket];
        int left = MostAtATime;
        for (; left > 0 && _inbox.TryTake(packet, out int length, out bool isRtcp, out var at); left--)
        {
            if (isRtcp)
                reports.Receive(packet[..length], at);
            else
                Take(packet[..length], at);
        }

        if (!_isClosed && options.Receives)
            _audio.Advance(now);
        return left == 0;
    }

    /// <summary>Nothing is heard any more; reports are.</summary>
    public void Close() => _isClosed = true;

    public void Dispose() => _audio.Dispose();

    private void Take(ReadOnlySpan<byte> packet, TimeSpan at)
    {
        if (_isClosed || RtpPacket.TryRead(packet, out var rtp) != RtpError.None)
            return;
        if (!options.Receives || _audio.Receive(rtp, at))
            reports.OnReceived(rtp.Header, at);
    }
}
