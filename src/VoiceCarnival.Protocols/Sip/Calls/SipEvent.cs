namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Something the application should know.</summary>
/// <param name="Kind">What.</param>
/// <param name="Call">Which call it is about.</param>
/// <param name="Status">The SIP status that goes with it; 0 when there is none.</param>
/// <param name="Text">A reason, a type or an address.</param>
/// <param name="Body">A body.</param>
/// <param name="Registration">Which registration it is about.</param>
public sealed record SipEvent(
    SipEventKind Kind, SipCall? Call = null, int Status = 0, string Text = "", ReadOnlyMemory<byte> Body = default, SipRegistration? Registration = null);
