using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>Username fragment and password of one side (RFC 8445, section 5.3). The text of it does not show the password.</summary>
public sealed class IceCredentials
{
    /// <summary>Random bytes that <see cref="Create"/> wants.</summary>
    public const int EntropyLength = UfragEntropy + PasswordEntropy;

    private const int UfragEntropy = 6;
    private const int PasswordEntropy = 18;
    private const int Longest = 256;
    private const int ShortestUfrag = 4;
    private const int ShortestPassword = 22;

    private IceCredentials(string ufrag, string password)
    {
        Ufrag = ufrag;
        Password = password;
        Key = Encoding.ASCII.GetBytes(password);
    }

    /// <summary>Names the side in checks; public.</summary>
    public string Ufrag { get; }

    /// <summary>Signs checks; secret, though the peer and whoever reads the SDP has it.</summary>
    public string Password { get; }

    /// <summary>The password as the key of MESSAGE-INTEGRITY.</summary>
    internal byte[] Key { get; }

    /// <summary>Makes new credentials: 48 bits of ufrag, 144 of password, where the standard wants 24 and 128.</summary>
    /// <param name="entropy"><see cref="EntropyLength"/> bytes of a cryptographic generator.</param>
    /// <exception cref="ArgumentException">There are fewer.</exception>
    public static IceCredentials Create(ReadOnlySpan<byte> entropy)
    {
        if (entropy.Length < EntropyLength)
            throw new ArgumentException($"Credentials take {EntropyLength} random bytes.", nameof(entropy));
        // Base64 without padding is made of just the characters that are allowed.
        return new IceCredentials(Convert.ToBase64String(entropy[..UfragEntropy]), Convert.ToBase64String(entropy.Slice(UfragEntropy, PasswordEntropy)));
    }

    /// <summary>Takes the credentials out of a peer's SDP (RFC 8839, section 5.4).</summary>
    /// <returns>False when one is too short, too long, or has characters that are not allowed.</returns>
    public static bool TryCreate(string ufrag, string password, [NotNullWhen(true)] out IceCredentials? credentials)
    {
        bool valid = IsUfrag(ufrag) && IsValid(password, ShortestPassword);
        credentials = valid ? new IceCredentials(ufrag, password) : null;
        return valid;
    }

    /// <summary>Whether a text can be a ufrag.</summary>
    public static bool IsUfrag(string text) => IsValid(text, ShortestUfrag);

    /// <summary>The ufrag alone.</summary>
    public override string ToString() => Ufrag;

    // Section 15.4 of RFC 5245 allows A-Z a-z 0-9 + /. Some stacks use - and _ as well; they do no harm.
    private static bool IsValid(string text, int shortest)
    {
        if (text.Length < shortest || text.Length > Longest)
            return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '-' or '_'))
                return false;
        }

        return true;
    }
}
