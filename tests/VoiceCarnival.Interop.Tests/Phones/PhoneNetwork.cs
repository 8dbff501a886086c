using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>
/// A bad network between a phone and the server: datagrams of both, messages and audio, are lost, late and overtaken by a seed. To each side the network is the other; the media
/// ports in the descriptions become its own.
/// </summary>
internal sealed partial class PhoneNetwork : IDisposable
{
    private readonly EmulatedLine _line;
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _start = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly List<Wire> _wires = [];
    private readonly Dictionary<int, Wire> _audio = [];
    private readonly Dictionary<int, (Wire Wire, bool ToServer)> _targets = [];
    private readonly Lock _gate = new();
    private int _lastTarget;

    public PhoneNetwork(int serverPort, EmulatedLine line)
    {
        _line = line;
        var signalling = Open(serverPort);
        Port = signalling.Port;
        _ = DeliverAsync();
    }

    /// <summary>Where the phone finds the server.</summary>
    public int Port { get; }

    public void Dispose()
    {
        _stopping.Cancel();
        lock (_gate)
            _wires.ForEach(wire => wire.Dispose());
    }

    private TimeSpan Now => System.Diagnostics.Stopwatch.GetElapsedTime(_start);

    // One for messages, and one for the audio of each side's description: what comes from anywhere else than the port behind it is for that port.
    private Wire Open(int behind)
    {
        var wire = new Wire(behind);
        lock (_gate)
            _wires.Add(wire);
        _ = CarryAsync(wire, wire.Front, toBack: true);
        _ = CarryAsync(wire, wire.Back, toBack: false);
        return wire;
    }

    private async Task CarryAsync(Wire wire, UdpClient from, bool toBack)
    {
        try
        {
            while (true)
            {
                var datagram = await from.ReceiveAsync(_stopping.Token);
                if (toBack)
                    wire.FrontPeer = datagram.RemoteEndPoint;
                byte[] bytes = Rewrite(datagram.Buffer);
                lock (_gate)
                {
                    _targets[++_lastTarget] = (wire, toBack);
                    _line.Send(_lastTarget, bytes, Now);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Over.
        }
    }

    private async Task DeliverAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!_stopping.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            lock (_gate)
            {
                while (_line.TryReceive(Now, out int to, out byte[] datagram))
                {
                    _targets.Remove(to, out var target);
                    target.Wire?.Send(datagram, target.ToServer);
                }
            }
        }
    }

    private byte[] Rewrite(byte[] datagram)
    {
        if (datagram.Length < 100 || datagram[0] is < (byte)'A' or > (byte)'Z')
            return datagram;
        string text = Encoding.Latin1.GetString(datagram);
        var media = MediaLine().Match(text);
        if (!media.Success)
            return datagram;
        int port = int.Parse(media.Groups[1].ValueSpan, null);
        lock (_gate)
        {
            if (!_audio.TryGetValue(port, out var wire))
                _audio[port] = wire = Open(port);
            // Both have five digits, so that Content-Length stays true.
            Assert.Equal(media.Groups[1].Length, $"{wire.Port}".Length);
            return Encoding.Latin1.GetBytes(text.Replace($"m=audio {port} ", $"m=audio {wire.Port} ", StringComparison.Ordinal));
        }
    }

    [GeneratedRegex("m=audio ([0-9]{5}) ")]
    private static partial Regex MediaLine();

    private sealed class Wire(int behind) : IDisposable
    {
        private readonly IPEndPoint _behind = new(IPAddress.Loopback, behind);

        /// <summary>What the one side sends to.</summary>
        public UdpClient Front { get; } = Bind();

        /// <summary>What the other side gets it from, and answers to.</summary>
        public UdpClient Back { get; } = Bind();

        public int Port => ((IPEndPoint)Front.Client.LocalEndPoint!).Port;

        public IPEndPoint? FrontPeer { get; set; }

        public void Send(byte[] datagram, bool toBack)
        {
            if (toBack)
                Back.Send(datagram, _behind);
            else if (FrontPeer is { } peer)
                Front.Send(datagram, peer);
        }

        public void Dispose()
        {
            Front.Dispose();
            Back.Dispose();
        }

        private static UdpClient Bind()
        {
            while (true)
            {
                var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
                if (((IPEndPoint)socket.Client.LocalEndPoint!).Port >= 10_000)
                    return socket;
                socket.Dispose();
            }
        }
    }
}
