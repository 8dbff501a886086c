using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Protocols.Stun;

/// <summary>XOR-MAPPED-ADDRESS (RFC 8489, section 14.2): family, port and address, XORed with cookie and transaction id.</summary>
internal static class StunAddress
{
    public const int MaxLength = 20;
    private const byte V4 = 1;
    private const byte V6 = 2;

    public static IPEndPoint? ReadXor(ReadOnlySpan<byte> value, StunTransactionId id)
    {
        bool v4 = value.Length == 8 && value[1] == V4;
        if (!v4 && !(value.Length == 20 && value[1] == V6))
            return null;
        Span<byte> mask = stackalloc byte[16];
        WriteMask(mask, id);
        Span<byte> address = stackalloc byte[v4 ? 4 : 16];
        for (int i = 0; i < address.Length; i++)
            address[i] = (byte)(value[4 + i] ^ mask[i]);
        return new IPEndPoint(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (int)(StunMessage.MagicCookie >> 16));
    }

    /// <summary>Writes the value; an IPv4 address in IPv6 clothes, as sockets for both report it, is written as IPv4.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteXor(Span<byte> to, IPEndPoint endPoint, StunTransactionId id)
    {
        var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        bool v4 = address.AddressFamily == AddressFamily.InterNetwork;
        to[0] = 0;
        to[1] = v4 ? V4 : V6;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(endPoint.Port ^ (int)(StunMessage.MagicCookie >> 16)));
        address.TryWriteBytes(to[4..], out int length);
        Span<byte> mask = stackalloc byte[16];
        WriteMask(mask, id);
        for (int i = 0; i < length; i++)
            to[4 + i] ^= mask[i];
        return 4 + length;
    }

    private static void WriteMask(Span<byte> mask, StunTransactionId id)
    {
        BinaryPrimitives.WriteUInt32BigEndian(mask, StunMessage.MagicCookie);
        id.Write(mask[4..]);
    }
}
