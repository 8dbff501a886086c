using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A name server that knows the hosts of one service (SRV, RFC 2782), by names of its own domain that it shortens as servers do.</summary>
internal sealed class NameServer : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly string _service;

    /// <param name="service">Such as <c>_sip._udp.pbx.example</c>.</param>
    /// <param name="hosts">All on this machine.</param>
    public NameServer(string service, params (int Priority, int Port)[] hosts)
    {
        (_service, Hosts) = (service, hosts);
        _ = RunAsync();
    }

    public string Address => _socket.Client.LocalEndPoint!.ToString()!;

    /// <summary>Where the service is.</summary>
    public (int Priority, int Port)[] Hosts { get; set; }

    /// <summary>What was asked for.</summary>
    public List<string> Asked { get; } = [];

    public void Dispose() => _socket.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private byte[] Answer(byte[] query)
    {
        string name = "";
        int at = 12;
        for (; query[at] != 0; at += query[at] + 1)
            name += (name.Length > 0 ? "." : "") + Encoding.ASCII.GetString(query, at + 1, query[at]);
        Asked.Add(name);
        bool isKnown = name == _service;
        var hosts = Hosts;
        var answer = new List<byte>([query[0], query[1], 0x81, (byte)(isKnown ? 0x80 : 0x83), 0, 1, 0, (byte)(isKnown ? hosts.Length : 0), 0, 0, 0, 0, .. query[12..(at + 5)]]);
        foreach (var (priority, port) in isKnown ? hosts : [])
        {
            byte[] host = [9, .. "localhost"u8, 0];
            answer.AddRange([0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, .. Number(6 + host.Length), .. Number(priority), .. Number(1), .. Number(port), .. host]);
        }

        return [.. answer];
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
