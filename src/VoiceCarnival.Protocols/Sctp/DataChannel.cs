namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A data channel (RFC 8831, section 6).</summary>
public sealed class DataChannel
{
    internal DataChannel(ushort id, string label, string protocol, bool isOurs)
    {
        Id = id;
        Label = label;
        Protocol = protocol;
        IsOurs = isOurs;
        IsOpen = !isOurs;
    }

    /// <summary>Its stream, the same both ways.</summary>
    public ushort Id { get; }

    /// <summary>Its name.</summary>
    public string Label { get; }

    /// <summary>Its subprotocol; mostly empty.</summary>
    public string Protocol { get; }

    /// <summary>We opened it.</summary>
    public bool IsOurs { get; }

    /// <summary>The other side is known to have it too. Sending is allowed before.</summary>
    public bool IsOpen { get; internal set; }

    internal bool IsResetByUs { get; set; }

    internal bool IsResetByPeer { get; set; }

    internal bool IsClosing { get; set; }

    internal bool OwesAck { get; set; }
}
