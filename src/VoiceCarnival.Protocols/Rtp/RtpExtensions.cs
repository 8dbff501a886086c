namespace VoiceCarnival.Protocols.Rtp;

/// <summary>The elements of an RTP header extension, in either form of RFC 8285.</summary>
/// <remarks>
/// <code>
/// one byte:  |  ID   | len-1 | data ...        profile 0xBEDE
/// two bytes: |      ID       |    length     | data ...        profile 0x100X, X being application bits
/// </code>
/// A profile that is neither has no elements. An element that runs past the end ends the reading (section 4.1.2: the rest is ignored).
/// </remarks>
public readonly ref struct RtpExtensions
{
    internal const ushort OneByteProfile = 0xBEDE;
    internal const ushort TwoByteProfile = 0x1000;
    private const ushort TwoByteProfileMask = 0xFFF0;
    private const int StopId = 15;

    internal RtpExtensions(ushort profile, ReadOnlySpan<byte> data)
    {
        Profile = profile;
        Data = data;
    }

    /// <summary>The 16 bits that say how the data is to be read.</summary>
    public ushort Profile { get; }

    /// <summary>The data as it stands.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The value of an element.</summary>
    /// <returns>Whether there is one with that id.</returns>
    public bool TryGet(int id, out ReadOnlySpan<byte> value)
    {
        foreach (var element in this)
        {
            if (element.Id == id)
            {
                value = element.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Goes through the elements.</summary>
    public Enumerator GetEnumerator() => new(Profile, Data);

    /// <summary>An element.</summary>
    public readonly ref struct Element
    {
        internal Element(int id, ReadOnlySpan<byte> value)
        {
            Id = id;
            Value = value;
        }

        /// <summary>The id that <c>a=extmap</c> gave it.</summary>
        public int Id { get; }

        /// <summary>Its value.</summary>
        public ReadOnlySpan<byte> Value { get; }
    }

    /// <summary>Goes through the elements.</summary>
    public ref struct Enumerator
    {
        private readonly bool _oneByte;
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ushort profile, ReadOnlySpan<byte> data)
        {
            _oneByte = profile == OneByteProfile;
            _rest = _oneByte || (profile & TwoByteProfileMask) == TwoByteProfile ? data : default;
        }

        /// <summary>Where the enumeration stands.</summary>
        public Element Current { get; private set; }

        /// <summary>On to the next element.</summary>
        public bool MoveNext()
        {
            // Zero bytes stand between elements to align them.
            int start = _rest.IndexOfAnyExcept((byte)0);
            if (start < 0)
                return false;
            _rest = _rest[start..];
            int id = _oneByte ? _rest[0] >> 4 : _rest[0];
            if (_oneByte && id is (0 or StopId))
                return false;
            int head = _oneByte ? 1 : 2;
            if (_rest.Length < head)
                return false;
            int length = _oneByte ? (_rest[0] & 0x0F) + 1 : _rest[1];
            if (_rest.Length < head + length)
                return false;
            Current = new Element(id, _rest.Slice(head, length));
            _rest = _rest[(head + length)..];
            return true;
        }
    }
}
