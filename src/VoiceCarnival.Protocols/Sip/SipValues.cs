namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// The values of a header, over all its lines, cut at commas that are neither in quotes nor in angle brackets (RFC 3261, section 7.3.1). Not for headers that
/// have commas of their own: Authorization and its kin, Date, Subject.
/// </summary>
public ref struct SipValues
{
    private readonly SipMessage _message;
    private readonly SipHeaderName _name;
    private int _line;
    private ReadOnlySpan<byte> _rest;
    private bool _isInLine;
    private int _count;

    internal SipValues(SipMessage message, SipHeaderName name)
    {
        _message = message;
        _name = name;
        _line = -1;
    }

    /// <summary>The one it is at, without white space around it; empty between two commas.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly SipValues GetEnumerator() => this;

    /// <summary>Goes on to the next. There are at most <see cref="SipLimits.MaxListed"/>.</summary>
    public bool MoveNext()
    {
        if (!_isInLine)
        {
            do
            {
                _line = _message.IndexOf(_name, _line + 1);
                if (_line < 0)
                    return false;
                _rest = _message.ValueAt(_line);
            }
            while (_rest.Length == 0);
            _isInLine = true;
        }

        if (++_count > SipLimits.MaxListed)
            return false;
        int end = EndOfValue(_rest);
        Current = SipText.Trim(_rest[..end]);
        _isInLine = end < _rest.Length;
        _rest = _isInLine ? _rest[(end + 1)..] : default;
        return true;
    }

    internal static int EndOfValue(ReadOnlySpan<byte> text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            int step = text[at..].IndexOfAny((byte)',', (byte)'"', (byte)'<');
            if (step < 0)
                return text.Length;
            at += step;
            if (text[at] == ',')
                return at;
            int length = text[at] == '"' ? SipText.QuotedLength(text[at..]) : text[at..].IndexOf((byte)'>') + 1;
            if (length <= 0)
                return text.Length;
            at += length - 1;
        }

        return text.Length;
    }
}
