namespace VoiceCarnival.Protocols.Sip;

/// <summary>A header as text, for applications.</summary>
/// <param name="Name">Its name as it was sent, or is to be.</param>
/// <param name="Value">Its value, folds resolved.</param>
public sealed record SipHeader(string Name, string Value)
{
    /// <summary>Whether it can be written: the name is a token, and there is no end of line in the value.</summary>
    public bool IsValid => Name.Length is > 0 and <= SipLimits.MaxName && Value.Length <= SipLimits.MaxValue
        && System.Text.Ascii.IsValid(Name) && SipText.IsToken(System.Text.Encoding.ASCII.GetBytes(Name)) && SipText.IsSafe(Value);
}
