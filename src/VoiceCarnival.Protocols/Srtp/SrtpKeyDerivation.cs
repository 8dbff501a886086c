using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>Session keys out of a master key (RFC 3711, section 4.3), at key derivation rate 0: once for the life of the master key.</summary>
internal static class SrtpKeyDerivation
{
    public const byte RtpEncryption = 0;
    public const byte RtpAuthentication = 1;
    public const byte RtpSalt = 2;
    public const byte RtcpEncryption = 3;
    public const byte RtcpAuthentication = 4;
    public const byte RtcpSalt = 5;

    private const int Block = 16;
    private const int LabelAt = 7;

    /// <summary>
    /// Fills a session key: the key stream of AES in counter mode that starts at (salt XOR label * 2^48) * 2^16. A salt of 12 bytes is padded
    /// on the right (RFC 7714, section 11).
    /// </summary>
    public static void Derive(SrtpMasterKey master, byte label, Span<byte> sessionKey)
    {
        Span<byte> counter = stackalloc byte[Block];
        Span<byte> stream = stackalloc byte[Block];
        counter.Clear();
        master.Salt.CopyTo(counter);
        counter[LabelAt] ^= label;
        using var aes = Aes.Create();
        aes.SetKey(master.Key);
        for (int at = 0; at < sessionKey.Length; at += Block)
        {
            aes.EncryptEcb(counter, stream, PaddingMode.None);
            stream[..Math.Min(Block, sessionKey.Length - at)].CopyTo(sessionKey[at..]);
            counter[Block - 1]++;
        }

        CryptographicOperations.ZeroMemory(stream);
    }
}
