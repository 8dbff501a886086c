namespace VoiceCarnival.WebSockets;

/// <summary>What a frame is (RFC 6455, section 5.2).</summary>
public enum Opcode : byte
{
    /// <summary>Goes on with a fragmented message.</summary>
    Continuation = 0x0,

    /// <summary>UTF-8 text.</summary>
    Text = 0x1,

    /// <summary>Bytes.</summary>
    Binary = 0x2,

    /// <summary>The goodbye, with a code and a reason.</summary>
    Close = 0x8,

    /// <summary>Asks for a pong.</summary>
    Ping = 0x9,

    /// <summary>Answers a ping.</summary>
    Pong = 0xA,
}
