using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Encryption of a phone call's audio by the keys in its SDP (RFC 4568). A key that stays the same in a new agreement goes on where it was: its counters must not begin anew.
/// One lock for each direction: what is sent comes from the clock of the audio, what is received from sockets.
/// </summary>
internal sealed class SrtpKeys : IDisposable
{
    private readonly Lock _sending = new();
    private readonly Lock _receiving = new();
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private byte[] _sent = [];
    private byte[] _received = [];
    private bool _isDisposed;

    /// <summary>Packets are encrypted.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Takes the keys of an agreement.</summary>
    public void Agree(AudioAgreement agreement)
    {
        lock (_receiving)
        {
            lock (_sending)
            {
                if (_isDisposed)
                    return;
                IsOn = agreement.LocalCrypto is not null && agreement.RemoteCrypto is not null;
                if (!IsOn)
                    return;
                var (local, remote) = (agreement.LocalCrypto!.Key, agreement.RemoteCrypto!.Key);
                if (_sender is null || !_sent.AsSpan().SequenceEqual(BytesOf(local)))
                {
                    _sender?.Dispose();
                    (_sender, _sent) = (new SrtpSender(local), BytesOf(local));
                }

                if (_receiver is null || !_received.AsSpan().SequenceEqual(BytesOf(remote)))
                {
                    _receiver?.Dispose();
                    (_receiver, _received) = (new SrtpReceiver(remote, mkiLength: agreement.RemoteCrypto.MkiLength), BytesOf(remote));
                }
            }
        }
    }

    /// <summary>Protects a packet in place.</summary>
    /// <returns>False when it must not be sent.</returns>
    public bool TryProtect(Span<byte> buffer, ref int length, bool isRtcp)
    {
        lock (_sending)
            return _sender is { } sender && (isRtcp ? sender.ProtectRtcp(buffer, ref length) : sender.ProtectRtp(buffer, ref length)) == SrtpError.None;
    }

    /// <summary>Decrypts a packet in place.</summary>
    /// <returns>False when it is not genuine, or was seen before.</returns>
    public bool TryUnprotect(ref Span<byte> packet, bool isRtcp)
    {
        lock (_receiving)
        {
            int length = 0;
            if (_receiver is not { } receiver || (isRtcp ? receiver.UnprotectRtcp(packet, out length) : receiver.UnprotectRtp(packet, out length)) != SrtpError.None)
                return false;
            packet = packet[..length];
            return true;
        }
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        lock (_receiving)
        {
            lock (_sending)
            {
                _isDisposed = true;
                _sender?.Dispose();
                _receiver?.Dispose();
                (_sender, _receiver) = (null, null);
                Array.Clear(_sent);
                Array.Clear(_received);
            }
        }
    }

    private static byte[] BytesOf(SrtpMasterKey key) => [(byte)key.Profile, .. key.Key, .. key.Salt];
}
