namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// The cryptography of one direction: everything of a profile except rollover counting and replay. Works in place; allocates nothing per packet; not
/// thread-safe. The caller has checked the lengths.
/// </summary>
internal abstract class SrtpTransform : IDisposable
{
    /// <summary>Bytes at the start of an RTCP packet that stay readable.</summary>
    public const int RtcpHeaderLength = 8;

    protected const uint EncryptedBit = 0x80000000;

    public static SrtpTransform Create(SrtpMasterKey master) => master.Profile == SrtpProfile.AeadAes128Gcm
        ? new AesGcmTransform(master)
        : new AesCmTransform(master);

    /// <summary>Encrypts and adds the tag. The buffer is longer than the packet by the profile's overhead.</summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="headerLength">Bytes that stay readable.</param>
    /// <param name="ssrc">Its source.</param>
    /// <param name="index">Rollover counter and sequence number, 48 bits.</param>
    public abstract void ProtectRtp(Span<byte> buffer, int headerLength, uint ssrc, ulong index);

    /// <summary>Checks the tag and decrypts. What is in the packet after a wrong tag is of no use.</summary>
    public abstract bool TryUnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index);

    /// <summary>Encrypts and adds index and tag.</summary>
    public abstract void ProtectRtcp(Span<byte> buffer, uint ssrc, uint index);

    /// <summary>Checks the tag and decrypts. What is in the packet after a wrong tag is of no use.</summary>
    public abstract bool TryUnprotectRtcp(Span<byte> packet, uint ssrc);

    /// <summary>The index that stands in an SRTCP packet, 31 bits. Not yet authenticated.</summary>
    public abstract uint ReadRtcpIndex(ReadOnlySpan<byte> packet);

    public abstract void Dispose();
}
