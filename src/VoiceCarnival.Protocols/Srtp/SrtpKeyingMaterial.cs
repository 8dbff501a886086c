namespace VoiceCarnival.Protocols.Srtp;

/// <summary>The master keys of both directions, as a key exchange leaves them. Disposing wipes both.</summary>
/// <param name="local">What we send with.</param>
/// <param name="remote">What the peer sends with.</param>
public sealed class SrtpKeyingMaterial(SrtpMasterKey local, SrtpMasterKey remote) : IDisposable
{
    /// <summary>What we send with.</summary>
    public SrtpMasterKey Local { get; } = local;

    /// <summary>What the peer sends with.</summary>
    public SrtpMasterKey Remote { get; } = remote;

    /// <summary>
    /// Takes apart what the DTLS exporter with the label <c>EXTRACTOR-dtls_srtp</c> gave: client key, server key, client salt, server salt
    /// (RFC 5764, section 4.2). The caller wipes its own copy.
    /// </summary>
    /// <param name="profile">The profile that was agreed on.</param>
    /// <param name="exported">As many bytes as <see cref="SrtpProfiles.ExportedLength"/> says.</param>
    /// <param name="isClient">We were the DTLS client.</param>
    /// <exception cref="ArgumentException">Wrong number of bytes.</exception>
    public static SrtpKeyingMaterial FromExporter(SrtpProfile profile, ReadOnlySpan<byte> exported, bool isClient)
    {
        if (exported.Length != profile.ExportedLength())
            throw new ArgumentException($"{profile} wants {profile.ExportedLength()} bytes of the exporter.", nameof(exported));
        const int Key = SrtpProfiles.KeyLength;
        int salt = profile.SaltLength();
        var client = new SrtpMasterKey(profile, exported[..Key], exported.Slice(2 * Key, salt));
        var server = new SrtpMasterKey(profile, exported.Slice(Key, Key), exported.Slice(2 * Key + salt, salt));
        return isClient ? new SrtpKeyingMaterial(client, server) : new SrtpKeyingMaterial(server, client);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Local.Dispose();
        Remote.Dispose();
    }
}
