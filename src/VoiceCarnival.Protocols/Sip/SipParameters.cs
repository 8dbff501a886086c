using System.Buffers;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// Parameters of a header's value: <c>*( SEMI generic-param )</c> (RFC 3261, section 25.1). A view of the bytes they were read from.
/// </summary>
public readonly ref struct SipParameters
{
    // A token, or an address, with or without brackets; slashes and equals signs stand in parameters of real peers, too.
    private static readonly SearchValues<byte> ValueCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~[]:@/=&$#()?|"u8);

    private readonly ReadOnlySpan<byte> _text;

    internal SipParameters(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>There is none.</summary>
    public bool IsEmpty => SipText.TrimStart(_text).Length == 0;

    internal ReadOnlySpan<byte> Text => _text;

    /// <summary>Enumerates them; ends at the first that is malformed.</summary>
    public Enumerator GetEnumerator() => new(_text);

    /// <summary>The first of a name.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var parameter in this)
        {
            if (SipText.EqualsIgnoreCase(parameter.Name, name))
            {
                value = parameter.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Whether there is one of a name.</summary>
    public bool Has(ReadOnlySpan<byte> name) => TryGet(name, out _);

    /// <summary>The number that the first of a name holds; null when there is none.</summary>
    public uint? GetNumber(ReadOnlySpan<byte> name) => TryGet(name, out var value) && SipText.TryReadNumber(value, out uint number) ? number : null;

    /// <summary>Whether each has the form it should have, names a few are there only once, and nothing else follows.</summary>
    internal bool IsWellFormed()
    {
        var enumerator = GetEnumerator();
        int count = 0;
        while (enumerator.MoveNext())
        {
            if (++count > SipLimits.MaxListed)
                return false;
        }

        return enumerator.IsAtEnd;
    }

    /// <summary>Walks over parameters.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private bool _isBroken;

        internal Enumerator(ReadOnlySpan<byte> text)
        {
            _rest = text;
            Current = default;
        }

        /// <summary>The one it is at.</summary>
        public SipParameter Current { get; private set; }

        internal readonly bool IsAtEnd => !_isBroken && SipText.TrimStart(_rest).Length == 0;

        /// <summary>Goes on to the next.</summary>
        public bool MoveNext()
        {
            if (_isBroken || !SipText.TryTake(ref _rest, ';'))
                return false;
            if (!SipText.TryTakeToken(ref _rest, out var name))
            {
                _isBroken = true;
                return false;
            }

            if (!SipText.TryTake(ref _rest, '='))
            {
                Current = new SipParameter(name, default, hasValue: false);
                return true;
            }

            if (!SipText.TryTakeQuoted(ref _rest, out var value))
            {
                int end = _rest.IndexOfAnyExcept(ValueCharacters);
                if (end < 0)
                    end = _rest.Length;
                value = _rest[..end];
                _rest = _rest[end..];
                if (end == 0)
                {
                    _isBroken = true;
                    return false;
                }
            }

            Current = new SipParameter(name, value, hasValue: true);
            return true;
        }
    }
}
