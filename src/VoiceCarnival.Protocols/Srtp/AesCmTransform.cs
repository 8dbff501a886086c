using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>AES in counter mode and HMAC-SHA1 (RFC 3711, sections 4.1.1 and 4.2.1).</summary>
/// <remarks>
/// RTP: header, encrypted payload, tag over both and the rollover counter. RTCP: 8 bytes, the rest encrypted, E bit and index, tag over all of it; the
/// tag of RTCP has 80 bits in both profiles (RFC 5764, section 4.1.2).
/// </remarks>
internal sealed class AesCmTransform : SrtpTransform
{
    private const int AuthenticationKeyLength = 20;
    private const int HashLength = 20;
    private const int RtcpTag = 10;
    private readonly AesCounterStream _rtp;
    private readonly AesCounterStream _rtcp;
    private readonly IncrementalHash _rtpHash;
    private readonly IncrementalHash _rtcpHash;
    private readonly int _rtpTag;

    public AesCmTransform(SrtpMasterKey master)
    {
        Span<byte> key = stackalloc byte[SrtpProfiles.KeyLength];
        Span<byte> salt = stackalloc byte[14];
        Span<byte> authentication = stackalloc byte[AuthenticationKeyLength];
        _rtpTag = master.Profile.RtpOverhead();
        (_rtp, _rtpHash) = Derive(master, SrtpKeyDerivation.RtpEncryption, key, salt, authentication);
        (_rtcp, _rtcpHash) = Derive(master, SrtpKeyDerivation.RtcpEncryption, key, salt, authentication);
    }

    public override void ProtectRtp(Span<byte> buffer, int headerLength, uint ssrc, ulong index)
    {
        var message = buffer[..^_rtpTag];
        _rtp.Apply(message[headerLength..], ssrc, index);
        WriteTag(_rtpHash, message, RolloverCounter(index), buffer[^_rtpTag..]);
    }

    public override bool TryUnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var message = packet[..^_rtpTag];
        Span<byte> tag = stackalloc byte[_rtpTag];
        WriteTag(_rtpHash, message, RolloverCounter(index), tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^_rtpTag..]))
            return false;
        _rtp.Apply(message[headerLength..], ssrc, index);
        return true;
    }

    public override void ProtectRtcp(Span<byte> buffer, uint ssrc, uint index)
    {
        var message = buffer[..^RtcpTag];
        _rtcp.Apply(message[RtcpHeaderLength..^SrtpProfiles.RtcpIndexLength], ssrc, index);
        BinaryPrimitives.WriteUInt32BigEndian(message[^SrtpProfiles.RtcpIndexLength..], index | EncryptedBit);
        WriteTag(_rtcpHash, message, null, buffer[^RtcpTag..]);
    }

    public override bool TryUnprotectRtcp(Span<byte> packet, uint ssrc)
    {
        var message = packet[..^RtcpTag];
        Span<byte> tag = stackalloc byte[RtcpTag];
        WriteTag(_rtcpHash, message, null, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[^RtcpTag..]))
            return false;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(message[^SrtpProfiles.RtcpIndexLength..]);
        if ((word & EncryptedBit) != 0)
            _rtcp.Apply(message[RtcpHeaderLength..^SrtpProfiles.RtcpIndexLength], ssrc, word & ~EncryptedBit);
        return true;
    }

    public override uint ReadRtcpIndex(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[^(RtcpTag + SrtpProfiles.RtcpIndexLength)..]) & ~EncryptedBit;

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _rtpHash.Dispose();
        _rtcpHash.Dispose();
    }

    private static (AesCounterStream Cipher, IncrementalHash Hash) Derive(
        SrtpMasterKey master, byte firstLabel, Span<byte> key, Span<byte> salt, Span<byte> authentication)
    {
        SrtpKeyDerivation.Derive(master, firstLabel, key);
        SrtpKeyDerivation.Derive(master, (byte)(firstLabel + SrtpKeyDerivation.RtpAuthentication), authentication);
        SrtpKeyDerivation.Derive(master, (byte)(firstLabel + SrtpKeyDerivation.RtpSalt), salt);
#pragma warning disable CA5350 // What the profile is made of; HMAC does not lean on what is broken in SHA-1.
        var derived = (new AesCounterStream(key, salt), IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, authentication));
#pragma warning restore CA5350
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(salt);
        CryptographicOperations.ZeroMemory(authentication);
        return derived;
    }

    private static uint RolloverCounter(ulong index) => (uint)(index >> 16);

    private static void WriteTag(IncrementalHash hash, ReadOnlySpan<byte> message, uint? rolloverCounter, Span<byte> tag)
    {
        hash.AppendData(message);
        if (rolloverCounter is { } counter)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, counter);
            hash.AppendData(bytes);
        }

        Span<byte> whole = stackalloc byte[HashLength];
        hash.GetHashAndReset(whole);
        whole[..tag.Length].CopyTo(tag);
    }
}
