using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// The audio of a phone call: two sockets, and what goes through them: keys, packet times, and the peer as <see cref="PeerAddress"/> knows it.
/// </summary>
internal sealed class SipLine : IDisposable
{
    private readonly Socket _rtp;
    private readonly Socket _rtcp;
    private readonly SrtpKeys _keys = new();
    private readonly Lock _sending = new();
    private readonly Repacketizer _repacketizer = new();
    private readonly Repacketizer.PacketSender _send;
    private readonly PeerAddress _peer;
    private readonly IPAddress? _caller;
    private volatile IPEndPoint? _rtcpTarget;
    private volatile bool _sends;
    private volatile bool _receives;
    private volatile bool _isMuxed;
    private volatile AudioAgreement? _agreement;
    private volatile RtpConnection? _connection;

    /// <summary>Nothing is agreed on yet.</summary>
    /// <param name="rtp">Socket for audio.</param>
    /// <param name="rtcp">Socket for reports.</param>
    /// <param name="caller">Where the peer's messages come from; null when that says nothing of its audio.</param>
    public SipLine(Socket rtp, Socket rtcp, IPAddress? caller)
    {
        (_rtp, _rtcp, _caller) = (rtp, rtcp, caller);
        _send = Send;
        _peer = new PeerAddress(rtp.AddressFamily);
    }

    public int Port => ((IPEndPoint)_rtp.LocalEndPoint!).Port;

    /// <summary>Who takes what comes.</summary>
    public RtpConnection? Connection
    {
        get => _connection;
        set => _connection = value;
    }

    /// <summary>What the peer sends is listened to.</summary>
    public bool Listens => _receives;

    /// <summary>Takes a new agreement.</summary>
    public void Agree(AudioAgreement agreement)
    {
        _sends = agreement.Direction is MediaDirection.SendReceive or MediaDirection.SendOnly;
        // A peer that only sends has put us on hold: its music is nothing that was said. Unless it has done nothing else from the start.
        _receives = agreement.Direction == MediaDirection.SendReceive
            || (agreement.Direction == MediaDirection.ReceiveOnly && (_agreement is null || (_receives && _agreement.Direction == MediaDirection.ReceiveOnly)));
        _isMuxed = agreement.IsRtcpMuxed;
        var codec = agreement.Codec.Codec;
        bool isOfBytes = AudioCodecs.Find(codec.Name, codec.ClockRate)?.PayloadType is not null;
        _keys.Agree(agreement);
        lock (_sending)
            _repacketizer.Agree(agreement.Codec.PayloadType, isOfBytes ? agreement.PacketTime : 0);
        bool isElsewhere = _agreement is null || _agreement.Host != agreement.Host || _agreement.Port != agreement.Port;
        _agreement = agreement;
        if (!isElsewhere)
        {
            _peer.Renew();
            return;
        }

        var place = PlaceOf(agreement.Host);
        _peer.Agree(place is null ? null : new IPEndPoint(place, agreement.Port), _caller);
        _rtcpTarget = place is null || agreement.RtcpPort == 0 ? null : new IPEndPoint(place, agreement.RtcpPort);
    }

    /// <summary>Takes packets until the sockets are closed.</summary>
    public void Begin()
    {
        _ = ReceiveAsync(_rtp, isRtcp: false);
        _ = ReceiveAsync(_rtcp, isRtcp: true);
    }

    public void SendRtp(Span<byte> buffer, int length)
    {
        lock (_sending)
        {
            if (_sends)
                _repacketizer.Add(buffer, length, _send);
        }
    }

    public void SendRtcp(Span<byte> buffer, int length)
    {
        if (!_keys.IsOn || _keys.TryProtect(buffer, ref length, isRtcp: true))
            Send(_isMuxed ? _rtp : _rtcp, buffer[..length], _isMuxed ? _peer.Target : _rtcpTarget);
    }

    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _keys.Dispose();
    }

    private void Send(Span<byte> buffer, int length)
    {
        if (!_keys.IsOn || _keys.TryProtect(buffer, ref length, isRtcp: false))
            Send(_rtp, buffer[..length], _peer.Target);
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> packet, IPEndPoint? target)
    {
        if (target is null)
            return;
        try
        {
            socket.SendTo(packet, SocketFlags.None, target);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or ArgumentException)
        {
            // The peer's port is closed, its address is of another family, or the call is over.
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

    private void Receive(Span<byte> packet, SocketAddress from, bool isRtcp)
    {
        if (_connection is not { } connection || packet.Length < 8)
            return;
        isRtcp |= _isMuxed && packet[1] is >= 192 and <= 223;
        bool isEncrypted = _keys.IsOn;
        if (isEncrypted && !_keys.TryUnprotect(ref packet, isRtcp))
            return;
        if (isRtcp)
        {
            connection.ReceiveRtcp(packet);
            return;
        }

        if (RtpHeader.TryRead(packet, out var header) == RtpError.None && IsAgreed(header.PayloadType)
            && _peer.TryTake(from, header.Sequence, isEncrypted, Environment.TickCount64) && _receives)
            connection.ReceiveRtp(packet);
    }

    // A name is most likely where the call comes from. What is nobody's address is not sent to, nor is this machine for somebody who is elsewhere: his audio shows where he is.
    private IPAddress? PlaceOf(string host)
    {
        if (!IPAddress.TryParse(host, out var address))
            return _caller;
        bool isNobody = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast)
            || address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240);
        bool isHere = _caller is null || IPAddress.IsLoopback(_caller) || _caller.Equals(((IPEndPoint)_rtp.LocalEndPoint!).Address);
        return isNobody || (IPAddress.IsLoopback(address) && !isHere) ? null : address;
    }

    private bool IsAgreed(PayloadType type)
    {
        if (type == PayloadType.ComfortNoise)
            return true;
        foreach (var map in _agreement?.Receives ?? [])
        {
            if (map.PayloadType == type)
                return true;
        }

        return false;
    }
}
