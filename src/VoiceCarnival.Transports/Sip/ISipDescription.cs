namespace VoiceCarnival.Transports.Sip;

/// <summary>How phones reach this server.</summary>
public interface ISipDescription
{
    /// <summary>The SIP URI to call, by the host that was asked; null when no calls are taken.</summary>
    string? AddressAt(string host);

    /// <summary>SIP transports, such as <c>udp</c>.</summary>
    IReadOnlyList<string> Transports { get; }

    /// <summary>Audio codecs, the preferred first.</summary>
    IReadOnlyList<string> Codecs { get; }
}
