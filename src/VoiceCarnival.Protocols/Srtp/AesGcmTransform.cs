using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>AES in Galois/counter mode (RFC 7714).</summary>
/// <remarks>
/// RTP (section 8): header as associated data, encrypted payload, tag. RTCP (section 9): 8 bytes and the word of E bit and index as associated data;
/// the tag stands before that word. Without the E bit everything is associated data and nothing is encrypted.
/// </remarks>
internal sealed class AesGcmTransform : SrtpTransform
{
    private const int Tag = 16;
    private const int Nonce = 12;
    private const int Word = SrtpProfiles.RtcpIndexLength;
    private readonly AesGcm _rtp;
    private readonly AesGcm _rtcp;
    private readonly byte[] _rtpSalt = new byte[Nonce];
    private readonly byte[] _rtcpSalt = new byte[Nonce];

    /// <summary>With session keys derived from a master key.</summary>
    public AesGcmTransform(SrtpMasterKey master)
    {
        Span<byte> key = stackalloc byte[SrtpProfiles.KeyLength];
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpEncryption, key);
        _rtp = new AesGcm(key, Tag);
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpEncryption, key);
        _rtcp = new AesGcm(key, Tag);
        CryptographicOperations.ZeroMemory(key);
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpSalt, _rtpSalt);
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpSalt, _rtcpSalt);
    }

    /// <summary>With one session key and salt for both, as the examples of RFC 7714 have it.</summary>
    internal AesGcmTransform(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> sessionSalt)
    {
        _rtp = new AesGcm(sessionKey, Tag);
        _rtcp = new AesGcm(sessionKey, Tag);
        sessionSalt.CopyTo(_rtpSalt);
        sessionSalt.CopyTo(_rtcpSalt);
    }

    public override void ProtectRtp(Span<byte> buffer, int headerLength, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        WriteNonce(nonce, _rtpSalt, ssrc, index);
        var payload = buffer[headerLength..^Tag];
        _rtp.Encrypt(nonce, payload, payload, buffer[^Tag..], buffer[..headerLength]);
    }

    public override bool TryUnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        WriteNonce(nonce, _rtpSalt, ssrc, index);
        return TryDecrypt(_rtp, nonce, packet[headerLength..^Tag], packet[^Tag..], packet[..headerLength]);
    }

    public override void ProtectRtcp(Span<byte> buffer, uint ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        WriteNonce(nonce, _rtcpSalt, ssrc, index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + Word];
        buffer[..RtcpHeaderLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], index | EncryptedBit);
        associated[RtcpHeaderLength..].CopyTo(buffer[^Word..]);
        var payload = buffer[RtcpHeaderLength..^(Tag + Word)];
        _rtcp.Encrypt(nonce, payload, payload, buffer[^(Tag + Word)..^Word], associated);
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, uint ssrc)
    {
        Span<byte> nonce = stackalloc byte[Nonce];
        WriteNonce(nonce, _rtcpSalt, ssrc, ReadRtcpIndex(packet));
        var tag = packet[^(Tag + Word)..^Word];
        bool encrypted = (packet[^Word] & 0x80) != 0;
        int readable = encrypted ? RtcpHeaderLength : packet.Length - Tag - Word;
        if (encrypted)
        {
            Span<byte> associated = stackalloc byte[RtcpHeaderLength + Word];
            packet[..RtcpHeaderLength].CopyTo(associated);
            packet[^Word..].CopyTo(associated[RtcpHeaderLength..]);
            return TryDecrypt(_rtcp, nonce, packet[readable..^(Tag + Word)], tag, associated);
        }

        // Nobody is known to send this; the word must follow the packet without the tag between them.
        byte[] all = [.. packet[..readable], .. packet[^Word..]];
        return TryDecrypt(_rtcp, nonce, [], tag, all);
    }

    public override uint ReadRtcpIndex(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^Word..]) & ~EncryptedBit;

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        CryptographicOperations.ZeroMemory(_rtpSalt);
        CryptographicOperations.ZeroMemory(_rtcpSalt);
    }

    /// <summary>Two zero bytes, SSRC and the 48-bit index, XOR the salt. The index of RTCP has 31 bits, which leaves the same layout.</summary>
    private static void WriteNonce(Span<byte> nonce, ReadOnlySpan<byte> salt, uint ssrc, ulong index)
    {
        nonce[..2].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[6..], (ushort)(index >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], (uint)index);
        for (int i = 0; i < Nonce; i++)
            nonce[i] ^= salt[i];
    }

    /// <summary>A wrong tag comes as an exception from the framework, and as zeroed plaintext; the packet is of no use after it.</summary>
    private static bool TryDecrypt(AesGcm cipher, ReadOnlySpan<byte> nonce, Span<byte> payload, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
    {
        try
        {
            cipher.Decrypt(nonce, payload, tag, payload, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
