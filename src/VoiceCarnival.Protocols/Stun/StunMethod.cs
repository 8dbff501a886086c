namespace VoiceCarnival.Protocols.Stun;

/// <summary>What a STUN message asks for. The only method here is Binding; TURN has others.</summary>
public enum StunMethod
{
    /// <summary>Which address do you see?</summary>
    Binding = 1,
}
