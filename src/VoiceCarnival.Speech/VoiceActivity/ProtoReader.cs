using System.Buffers.Binary;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>Walks over the fields of one protobuf message.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public Field Current { get; private set; }

    public readonly ProtoReader GetEnumerator() => this;

    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        ulong key = Varint();
        int number = (int)Math.Min(key >> 3, int.MaxValue);
        Current = (key & 7) switch
        {
            0 => new Field(number, Varint(), default),
            1 => new Field(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), default),
            2 => new Field(number, 0, Take(Varint())),
            5 => new Field(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), default),
            _ => throw Invalid(),
        };
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Invalid();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
            throw Invalid();
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private static InvalidDataException Invalid() => new("The bytes are not a protobuf message.");

    /// <summary>One field: a number, or bytes (a string, a message, raw data).</summary>
    internal readonly ref struct Field(int number, ulong value, ReadOnlySpan<byte> bytes)
    {
        public int Number { get; } = number;

        public ulong Value { get; } = value;

        public ReadOnlySpan<byte> Bytes { get; } = bytes;
    }
}
