namespace VoiceCarnival.Protocols.Ice;

/// <summary>What became of a received STUN message.</summary>
public enum IceCheckOutcome
{
    /// <summary>Not a check, or not one for us. There is no answer.</summary>
    Ignored,

    /// <summary>Answered with an error.</summary>
    Refused,

    /// <summary>A valid check, answered.</summary>
    Accepted,
}
