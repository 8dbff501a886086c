namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>How far a call is.</summary>
public enum SipCallState
{
    /// <summary>Called, and not answered yet.</summary>
    Ringing,

    /// <summary>Answered, and the answer is not acknowledged yet.</summary>
    Answered,

    /// <summary>Both sides talk.</summary>
    Established,

    /// <summary>It is over.</summary>
    Ended,
}
