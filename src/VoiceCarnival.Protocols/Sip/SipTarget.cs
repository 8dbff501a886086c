using System.Globalization;
using System.Net;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>Where a message goes.</summary>
/// <param name="Transport">By what.</param>
/// <param name="Host">An IP address, or a name to be resolved.</param>
/// <param name="Port">The port.</param>
/// <param name="Connection">The connection to use when it is still there; 0 for any. Whoever has the sockets numbers them.</param>
public sealed record SipTarget(SipTransport Transport, string Host, int Port, long Connection = 0)
{
    /// <summary>An address.</summary>
    public static SipTarget To(SipTransport transport, IPEndPoint endPoint, long connection = 0) => new(transport, endPoint.Address.ToString(), endPoint.Port, connection);

    /// <summary>As text, for logs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Transport.UriName()}:{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
