namespace VoiceCarnival.Transports.Sip;

/// <summary>How phones reach this server.</summary>
public interface ISipDescription
{
    /// <summary>The SIP URI to call, by the host that was asked; null when no calls are taken.</summary>
    string? AddressAt(string host);

    /// <summary>The agents that answer, each with the URI that reaches it.</summary>
    IReadOnlyList<SipAgentAddress> AgentsAt(string host);

    /// <summary>Whether audio is encrypted by keys in the SDP: <c>never</c>, <c>when_offered</c>, <c>always</c>.</summary>
    string Encryption { get; }

    /// <summary>This server may call somebody.</summary>
    bool CallsOut { get; }

    /// <summary>Who may call, in words.</summary>
    string Callers { get; }

    /// <summary>SIP transports, such as <c>udp</c>.</summary>
    IReadOnlyList<string> Transports { get; }

    /// <summary>Audio codecs, the preferred first.</summary>
    IReadOnlyList<string> Codecs { get; }
}

/// <summary>An agent and how it is called.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Address">Its SIP URI.</param>
public sealed record SipAgentAddress(string Name, string Address);
