namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A request within a call, kept so that it can be sent again when the peer asks who we are.</summary>
internal sealed class OutgoingRequest(SipMethod method)
{
    public SipMethod Method { get; } = method;

    /// <summary>The early dialog that it is for; null for the call's own.</summary>
    public SipDialog? Dialog { get; init; }

    public List<(SipHeaderName Name, string Value)> Headers { get; init; } = [];

    public string? ContentType { get; init; }

    public byte[] Body { get; init; } = [];

    public int Attempts { get; set; }
}
