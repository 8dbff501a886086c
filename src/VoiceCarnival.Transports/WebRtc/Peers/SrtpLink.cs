using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// SRTP with one peer. One lock for each direction: what is sent comes from the clock of the audio, what is received from a socket. Packets before the keys, or that are
/// not genuine, are dropped.
/// </summary>
internal sealed class SrtpLink : IDisposable
{
    private readonly Lock _sending = new();
    private readonly Lock _receiving = new();
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private bool _isDisposed;

    /// <summary>Takes a decrypted packet; it is valid during the call only.</summary>
    public delegate void PacketTaker(ReadOnlySpan<byte> packet);

    /// <summary>Begins with the keys that were agreed on.</summary>
    public void Begin(SrtpKeyingMaterial keys)
    {
        lock (_receiving)
        {
            lock (_sending)
            {
                if (_isDisposed)
                    return;
                _sender = new SrtpSender(keys.Local);
                _receiver = new SrtpReceiver(keys.Remote);
            }
        }
    }

    /// <summary>Protects an RTP packet in place and sends it.</summary>
    public void SendRtp(Span<byte> buffer, int length, PeerRoute route)
    {
        lock (_sending)
        {
            if (_sender is null || _sender.ProtectRtp(buffer, ref length) != SrtpError.None)
                return;
        }

        route.Send(buffer[..length]);
    }

    /// <summary>The same with RTCP.</summary>
    public void SendRtcp(Span<byte> buffer, int length, PeerRoute route)
    {
        lock (_sending)
        {
            if (_sender is null || _sender.ProtectRtcp(buffer, ref length) != SrtpError.None)
                return;
        }

        route.Send(buffer[..length]);
    }

    /// <summary>Decrypts an RTP packet in place. Packets are taken one at a time, whichever sockets they come in on.</summary>
    /// <returns>Why it was not taken; null when it was.</returns>
    public DropReason? ReceiveRtp(Span<byte> packet, PacketTaker taker)
    {
        lock (_receiving)
        {
            if (_receiver is null)
                return DropReason.TooEarly;
            if (_receiver.UnprotectRtp(packet, out int length) is not SrtpError.None and var error)
                return ReasonOf(error);
            taker(packet[..length]);
            return null;
        }
    }

    /// <summary>The same with RTCP.</summary>
    public DropReason? ReceiveRtcp(Span<byte> packet, PacketTaker taker)
    {
        lock (_receiving)
        {
            if (_receiver is null)
                return DropReason.TooEarly;
            if (_receiver.UnprotectRtcp(packet, out int length) is not SrtpError.None and var error)
                return ReasonOf(error);
            taker(packet[..length]);
            return null;
        }
    }

    /// <summary>Wipes the keys. Waits for a packet that is just being taken.</summary>
    public void Dispose()
    {
        lock (_receiving)
        {
            lock (_sending)
            {
                _isDisposed = true;
                _sender?.Dispose();
                _receiver?.Dispose();
                _sender = null;
                _receiver = null;
            }
        }
    }

    private static DropReason ReasonOf(SrtpError error) => error switch
    {
        SrtpError.Malformed => DropReason.Malformed,
        SrtpError.Replayed => DropReason.Replayed,
        _ => DropReason.NotAuthentic,
    };
}
