using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>Master key and salt of one direction (RFC 3711, section 3.2.1). Wiped when disposed; its text does not show them.</summary>
public sealed class SrtpMasterKey : IDisposable
{
    private readonly byte[] _bytes;

    /// <summary>Copies a key and a salt.</summary>
    /// <exception cref="ArgumentException">One of them does not have the length that the profile wants.</exception>
    public SrtpMasterKey(SrtpProfile profile, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        if (key.Length != SrtpProfiles.KeyLength)
            throw new ArgumentException($"{profile} wants a key of {SrtpProfiles.KeyLength} bytes.", nameof(key));
        if (salt.Length != profile.SaltLength())
            throw new ArgumentException($"{profile} wants a salt of {profile.SaltLength()} bytes.", nameof(salt));
        Profile = profile;
        _bytes = [.. key, .. salt];
    }

    /// <summary>What it is for.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key => _bytes.AsSpan(0, SrtpProfiles.KeyLength);

    /// <summary>The salt.</summary>
    public ReadOnlySpan<byte> Salt => _bytes.AsSpan(SrtpProfiles.KeyLength);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
