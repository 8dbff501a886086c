namespace VoiceCarnival.Protocols.Sip;

/// <summary>What a request asks for. Names are case-sensitive (RFC 3261, section 7.1).</summary>
public enum SipMethod
{
    /// <summary>One we do not know; its name is in the message.</summary>
    Other,

    /// <summary>Begin a session, or change one.</summary>
    Invite,

    /// <summary>The third step of an INVITE.</summary>
    Ack,

    /// <summary>End a session.</summary>
    Bye,

    /// <summary>Take an unanswered INVITE back.</summary>
    Cancel,

    /// <summary>What can you do; also: are you there.</summary>
    Options,

    /// <summary>Tell a registrar where we are.</summary>
    Register,

    /// <summary>Acknowledge a reliable provisional response (RFC 3262).</summary>
    Prack,

    /// <summary>Change a session without a new INVITE (RFC 3311).</summary>
    Update,

    /// <summary>Call somebody else (RFC 3515).</summary>
    Refer,

    /// <summary>News about what was subscribed to (RFC 6665).</summary>
    Notify,

    /// <summary>Something about the session, such as a key pressed (RFC 6086).</summary>
    Info,

    /// <summary>Ask for news (RFC 6665).</summary>
    Subscribe,

    /// <summary>A text (RFC 3428).</summary>
    Message,

    /// <summary>Publish a state (RFC 3903).</summary>
    Publish,
}
