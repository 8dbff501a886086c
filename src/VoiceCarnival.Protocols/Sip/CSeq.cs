namespace VoiceCarnival.Protocols.Sip;

/// <summary>Orders the requests of a dialog (RFC 3261, section 20.16). A view of the bytes it was read from.</summary>
public readonly ref struct CSeq
{
    private CSeq(uint number, ReadOnlySpan<byte> method)
    {
        Number = number;
        MethodName = method;
    }

    /// <summary>The number.</summary>
    public uint Number { get; }

    /// <summary>The method's name.</summary>
    public ReadOnlySpan<byte> MethodName { get; }

    /// <summary>The method.</summary>
    public SipMethod Method => SipMethods.Find(MethodName);

    /// <summary>Reads the header's value.</summary>
    /// <returns>False when it is malformed, or the number has more than 32 bits.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out CSeq cseq)
    {
        cseq = default;
        var rest = SipText.Trim(text);
        int end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (end <= 0 || !SipText.TryReadNumber(rest[..end], out uint number))
            return false;
        var method = SipText.TrimStart(rest[end..]);
        if (method.Length == rest.Length - end || !SipText.IsToken(method))
            return false;
        cseq = new CSeq(number, method);
        return true;
    }
}
