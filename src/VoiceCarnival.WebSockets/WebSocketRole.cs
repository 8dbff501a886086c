namespace VoiceCarnival.WebSockets;

/// <summary>Which end of the line we are: clients mask what they send, servers must not (RFC 6455, section 5.1).</summary>
public enum WebSocketRole
{
    /// <summary>We opened the connection.</summary>
    Client,

    /// <summary>We accepted it.</summary>
    Server,
}
