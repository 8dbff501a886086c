using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Asks name servers for SIP services (SRV, RFC 2782; RFC 3263, section 4.2). NAPTR is not asked: the transport is the operator's to say.</summary>
/// <param name="servers">Whom to ask; nobody: the machine's own.</param>
internal sealed class DnsServices(IReadOnlyList<IPEndPoint> servers)
{
    private const ushort Srv = 33;
    private const int MostAnswers = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Hosts of a service, the preferred first; none when there is no such service, or nobody answers.</summary>
    /// <param name="name">Such as <c>_sip._udp.example.com</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<(string Host, int Port)>> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (Query(name, out ushort id) is not { } query)
            return [];
        foreach (var server in (servers.Count > 0 ? servers : OfThisMachine()).Take(2))
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Patience);
            try
            {
                // Within, since a machine without IPv6 may well be told of a server that has nothing else.
                using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                // Connected, so that nobody else can answer.
                await socket.ConnectAsync(server, deadline.Token);
                await socket.SendAsync(query, SocketFlags.None, deadline.Token);
                var answer = new byte[4096];
                int length = await socket.ReceiveAsync(answer, SocketFlags.None, deadline.Token);
                return Read(answer.AsSpan(0, length), id);
            }
            catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next one.
            }
        }

        return [];
    }

    /// <summary>A query (RFC 1035, section 4); null for what is no name.</summary>
    internal static byte[]? Query(string name, out ushort id)
    {
        id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue);
        var bytes = new List<byte> { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || !Ascii.IsValid(label))
                return null;
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.AddRange([0, 0, (byte)Srv, 0, 1]);
        return bytes.Count <= 300 ? [.. bytes] : null;
    }

    /// <summary>The services in an answer. Bad bytes are none.</summary>
    internal static IReadOnlyList<(string Host, int Port)> Read(ReadOnlySpan<byte> answer, ushort id)
    {
        if (answer.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(answer) != id || (answer[2] & 0x80) == 0 || (answer[3] & 0x0F) != 0)
            return [];
        int questions = BinaryPrimitives.ReadUInt16BigEndian(answer[4..]);
        int answers = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]);
        int at = 12;
        for (int i = 0; i < questions; i++)
        {
            if (ReadName(answer, ref at) is null)
                return [];
            at += 4;
        }

        var found = new List<(int Priority, int Weight, string Host, int Port)>();
        for (int i = 0; i < Math.Min(answers, MostAnswers); i++)
        {
            if (ReadName(answer, ref at) is null || at + 10 > answer.Length)
                break;
            int type = BinaryPrimitives.ReadUInt16BigEndian(answer[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 8)..]);
            int data = at + 10;
            at = data + length;
            if (at > answer.Length)
                break;
            int target = data + 6;
            if (type == Srv && length > 6 && ReadName(answer, ref target) is { Length: > 0 } host)
            {
                found.Add((BinaryPrimitives.ReadUInt16BigEndian(answer[data..]), BinaryPrimitives.ReadUInt16BigEndian(answer[(data + 2)..]), host,
                    BinaryPrimitives.ReadUInt16BigEndian(answer[(data + 4)..])));
            }
        }

        // The heavier first of the same priority: chosen by lot it should be, but a trunk's hosts are tried one after the other all the same.
        return [.. found.OrderBy(service => service.Priority).ThenByDescending(service => service.Weight).Select(service => (service.Host, service.Port))];
    }

    private static string? ReadName(ReadOnlySpan<byte> answer, ref int at)
    {
        var name = new StringBuilder();
        int next = at;
        bool hasJumped = false;
        for (int labels = 0; labels < 128; labels++)
        {
            if (next >= answer.Length)
                return null;
            int length = answer[next];
            if (length >= 0xC0)
            {
                if (next + 1 >= answer.Length)
                    return null;
                if (!hasJumped)
                    at = next + 2;
                hasJumped = true;
                next = ((length & 0x3F) << 8) | answer[next + 1];
                continue;
            }

            if (length == 0)
            {
                if (!hasJumped)
                    at = next + 1;
                return name.ToString();
            }

            if (length > 63 || next + 1 + length > answer.Length || name.Length + length > 255)
                return null;
            if (name.Length > 0)
                name.Append('.');
            name.Append(Encoding.ASCII.GetString(answer.Slice(next + 1, length)));
            next += 1 + length;
        }

        return null;
    }

    private static IEnumerable<IPEndPoint> OfThisMachine()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Where(nic => nic.OperationalStatus == OperationalStatus.Up)
                .SelectMany(nic => nic.GetIPProperties().DnsAddresses).Distinct().Select(address => new IPEndPoint(address, 53))];
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException)
        {
            return [];
        }
    }

    /// <summary>The service's name of a transport.</summary>
    public static string NameOf(string transport, string domain) =>
        string.Create(CultureInfo.InvariantCulture, $"{(transport == "tls" ? "_sips._tcp" : $"_sip._{transport}")}.{domain}");
}
