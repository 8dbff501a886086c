using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Interop.Tests;

/// <summary>An association of ours on a UDP socket that loses datagrams both ways, with a channel of its own and an echo on the other side's.</summary>
internal sealed class SctpOverUdp : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SctpAssociation _association = new(new SctpOptions(), RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength));
    private readonly DataChannels _channels;
    private readonly double _loss;
    private readonly Random _random;
    private readonly byte[] _buffer = new byte[2000];
    private readonly long _start = Stopwatch.GetTimestamp();
    private EndPoint? _remote;
    private byte[] _message = [];
    private ushort? _ours;
    private bool _isEchoed;
    private bool _isClosed;

    public SctpOverUdp(bool opensEven, double loss, int seed)
    {
        _channels = new DataChannels(_association, opensEven);
        _loss = loss;
        _random = new Random(seed);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public Uri Address => new($"udp://{_socket.LocalEndPoint}");

    public string Progress =>
        $"{_association.State} after {Now}, channels: {string.Join(", ", _channels.Channels.Select(c => c.Label))}, ours came back: {_isEchoed}, waiting: {_association.BufferedAmount}";

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>
    /// Opens a channel, sends a message, compares what comes back and closes the channel; echoes what comes on the other side's; shuts down when both are closed.
    /// </summary>
    /// <returns>False when it has not come to that in time.</returns>
    public bool Converse(byte[] message, bool connects, TimeSpan limit)
    {
        _message = message;
        bool shuts = false;
        while (!_isClosed && Now < limit)
        {
            while (_channels.TryTakeEvent(out var next))
                Handle(next);
            if (!shuts && _isEchoed && _channels.Channels.Count == 0 && _ours is not null)
            {
                shuts = true;
                _association.Shutdown(Now);
            }

            Send();
            var wait = (_association.NextDeadline ?? TimeSpan.MaxValue) - Now;
            if (_socket.Poll(TimeSpan.FromMilliseconds(Math.Clamp(wait.TotalMilliseconds, 0, 20)), SelectMode.SelectRead))
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                int length = _socket.ReceiveFrom(_buffer, ref from);
                if (_remote is null && connects)
                    _association.Connect(Now);
                _remote = from;
                if (_random.NextDouble() >= _loss)
                    _association.Receive(_buffer.AsSpan(0, length), Now);
            }

            _association.AdvanceTo(Now);
        }

        Send();
        // Not lost, and no SCTP: the script may end.
        if (_remote is not null)
            _socket.SendTo([0], _remote);
        return _isClosed && _isEchoed;
    }

    public void Dispose() => _socket.Dispose();

    private void Handle(in DataChannelEvent next)
    {
        switch (next.Kind)
        {
            case DataChannelEventKind.Connected:
                _ours = _channels.TryOpen("ours")!.Id;
                Assert.True(_channels.TrySendBinary(_ours.Value, _message));
                break;
            case DataChannelEventKind.Binary when next.Channel == _ours:
                _isEchoed = next.Payload.Span.SequenceEqual(_message);
                _channels.Close(next.Channel);
                break;
            case DataChannelEventKind.Binary:
                Assert.True(_channels.TrySendBinary(next.Channel, next.Payload.Span));
                break;
            case DataChannelEventKind.Closed:
                Assert.Equal(SctpCloseReason.Shutdown, next.Reason);
                _isClosed = true;
                break;
        }
    }

    private void Send()
    {
        while (_remote is not null && _association.TryTakeTransmit(Now, _buffer, out int length))
        {
            if (_random.NextDouble() >= _loss)
                _socket.SendTo(_buffer.AsSpan(0, length), _remote);
        }
    }
}
