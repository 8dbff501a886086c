using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The audio of a phone call: two sockets. Sends to where the peer's SDP said, or, once audio of the call came from elsewhere, back to there: phones behind address
/// translators do not know their own address. Learned once; again only after a new agreement, so that nobody can turn a call to himself in the middle of it.
/// </summary>
internal sealed class SipLine : IRtpLine, IDisposable
{
    private readonly Socket _rtp;
    private readonly Socket _rtcp;
    private readonly Action<SessionTermination> _hangUp;
    private volatile IPEndPoint? _target;
    private volatile IPEndPoint? _rtcpTarget;
    private SocketAddress? _source;
    private volatile bool _isLatched;
    private volatile bool _sends;
    private volatile bool _isMuxed;
    private AudioAgreement? _agreement;
    private int _hasHungUp;

    public SipLine(Socket rtp, Socket rtcp, Action<SessionTermination> hangUp) => (_rtp, _rtcp, _hangUp) = (rtp, rtcp, hangUp);

    public int Port => ((IPEndPoint)_rtp.LocalEndPoint!).Port;

    public RtpConnection? Connection { get; set; }

    public bool UnderstandsExtensions => false;

    /// <summary>Takes a new agreement.</summary>
    public void Agree(AudioAgreement agreement)
    {
        _sends = agreement.Direction is MediaDirection.SendReceive or MediaDirection.SendOnly;
        _isMuxed = agreement.IsRtcpMuxed;
        bool isElsewhere = _agreement is null || _agreement.Host != agreement.Host || _agreement.Port != agreement.Port;
        _agreement = agreement;
        if (!isElsewhere || !IPAddress.TryParse(agreement.Host, out var address))
            return;
        _isLatched = false;
        _target = new IPEndPoint(address, agreement.Port);
        _rtcpTarget = new IPEndPoint(address, agreement.RtcpPort);
    }

    /// <summary>Takes packets until the sockets are closed.</summary>
    public void Begin()
    {
        _ = ReceiveAsync(_rtp, isRtcp: false);
        _ = ReceiveAsync(_rtcp, isRtcp: true);
    }

    public void SendRtp(Span<byte> buffer, int length)
    {
        if (_sends)
            Send(_rtp, buffer[..length], _target);
    }

    public void SendRtcp(Span<byte> buffer, int length) => Send(_isMuxed ? _rtp : _rtcp, buffer[..length], _rtcpTarget);

    // A phone has no place for events.
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json) => true;

    public void Close(SessionTermination termination)
    {
        if (Interlocked.Exchange(ref _hasHungUp, 1) == 0)
            _hangUp(termination);
    }

    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> packet, IPEndPoint? target)
    {
        if (target is null)
            return;
        try
        {
            socket.SendTo(packet, SocketFlags.None, target);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer's port is closed, or the call is over.
        }
    }

    private async Task ReceiveAsync(Socket socket, bool isRtcp)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(2048, pinned: true);
        var from = new SocketAddress(socket.AddressFamily);
        while (true)
        {
            try
            {
                int length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, CancellationToken.None);
                Receive(buffer.AsSpan(0, length), from, isRtcp);
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier packet.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Receive(ReadOnlySpan<byte> packet, SocketAddress from, bool isRtcp)
    {
        if (Connection is not { } connection || packet.Length < 8)
            return;
        if (isRtcp || (_isMuxed && packet[1] is >= 192 and <= 223))
        {
            connection.ReceiveRtcp(packet);
            return;
        }

        if (!_isLatched)
        {
            if (RtpPacket.TryRead(packet, out var rtp) != RtpError.None || !IsAgreed(rtp.Header.PayloadType))
                return;
            var source = (IPEndPoint)new IPEndPoint(_rtp.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(from);
            _source = source.Serialize();
            _target = source;
            _isLatched = true;
        }
        else if (!_source!.Equals(from))
        {
            return;
        }

        connection.ReceiveRtp(packet);
    }

    private bool IsAgreed(PayloadType type) => _agreement?.Receives.Any(map => map.PayloadType == type) == true;
}
