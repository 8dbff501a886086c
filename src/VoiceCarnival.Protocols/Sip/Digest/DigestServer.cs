using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>
/// Challenges callers and checks their answers (RFC 7616). Nothing is kept of challenges: a nonce is a time, a number and a signature of both, good for
/// <see cref="NonceLifetime"/>. Of answers that were right the count is kept as long as that, so that none overheard can be played again.
/// </summary>
public sealed class DigestServer
{
    /// <summary>How long a nonce is good.</summary>
    public static readonly TimeSpan NonceLifetime = TimeSpan.FromMinutes(2);

    private const int SignatureLength = 16;
    private const int SeedLength = 8 + 4;
    private readonly NonceCounts _counts = new(NonceLifetime);
    private uint _made;
    private readonly byte[] _key;
    private readonly string _realm;
    private readonly Func<string, string?> _findPassword;

    /// <summary>Begins.</summary>
    /// <param name="realm">Whose accounts these are, as the caller is told.</param>
    /// <param name="findPassword">The password of a user; null when there is no such user.</param>
    /// <param name="entropy">32 random bytes.</param>
    public DigestServer(string realm, Func<string, string?> findPassword, ReadOnlySpan<byte> entropy)
    {
        _realm = realm;
        _findPassword = findPassword;
        _key = entropy.ToArray();
    }

    /// <summary>The challenges, the preferred first (RFC 8760, section 2.4).</summary>
    public IEnumerable<string> Challenge(bool isStale, TimeSpan now)
    {
        string nonce = MakeNonce(now);
        foreach (var algorithm in (DigestAlgorithm[])[DigestAlgorithm.Sha256, DigestAlgorithm.Md5])
            yield return $"Digest realm={SipText.Quote(_realm)}, nonce=\"{nonce}\", algorithm={algorithm.Name()}, qop=\"auth\"{(isStale ? ", stale=true" : "")}";
    }

    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">The caller's clock.</param>
    /// <param name="user">Who it is.</param>
    public DigestOutcome Check(SipMessage request, TimeSpan now, out string user)
    {
        user = "";
        var outcome = DigestOutcome.Missing;
        for (int i = request.IndexOf(SipHeaderName.Authorization); i >= 0; i = request.IndexOf(SipHeaderName.Authorization, i + 1))
        {
            if (AuthParameters.TryRead(request.ValueAt(i)) is not { } parameters || parameters.GetValueOrDefault("realm") != _realm)
                continue;
            outcome = Check(request, parameters, now);
            user = parameters.GetValueOrDefault("username") ?? "";
            if (outcome == DigestOutcome.Accepted)
                break;
        }

        return outcome;
    }

    private DigestOutcome Check(SipMessage request, Dictionary<string, string> parameters, TimeSpan now)
    {
        if (AuthParameters.Algorithm(parameters) is not { } algorithm
            || !parameters.TryGetValue("username", out string? user) || !parameters.TryGetValue("nonce", out string? nonce)
            || !parameters.TryGetValue("uri", out string? uri) || !parameters.TryGetValue("response", out string? response)
            // Proxies may have changed the URI on the way, so it need not be ours, but it must be hashed as it is (RFC 3261, section 22.4).
            || parameters.GetValueOrDefault("qop") != "auth" || !parameters.TryGetValue("cnonce", out string? clientNonce) || !parameters.TryGetValue("nc", out string? count)
            || !TryReadNonce(nonce, out var made))
            return DigestOutcome.Missing;
        // A user that does not exist takes as long as a wrong password.
        string? password = _findPassword(user);
        string expected = DigestHash.Response(algorithm, user, _realm, password ?? "", nonce, Encoding.ASCII.GetString(request.MethodName), uri, count, clientNonce, hasQop: true);
        bool isRight = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(response.ToLowerInvariant())) & password is not null;
        if (!isRight)
            return DigestOutcome.Refused;
        if (now - made > NonceLifetime)
            return DigestOutcome.Stale;
        // A count that was used up is an old answer; whoever knows the password is given a new nonce (RFC 7616, section 3.4.5).
        return uint.TryParse(count, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out uint number) && _counts.TryTake(nonce.ToLowerInvariant(), number, made, now)
            ? DigestOutcome.Accepted
            : DigestOutcome.Stale;
    }

    private string MakeNonce(TimeSpan now)
    {
        Span<byte> bytes = stackalloc byte[SeedLength + SignatureLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], _made++);
        Sign(bytes[..SeedLength], bytes[SeedLength..]);
        return Convert.ToHexStringLower(bytes);
    }

    private bool TryReadNonce(string nonce, out TimeSpan made)
    {
        made = default;
        Span<byte> bytes = stackalloc byte[SeedLength + SignatureLength];
        if (nonce.Length != 2 * bytes.Length || Convert.FromHexString(nonce, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        Span<byte> expected = stackalloc byte[SignatureLength];
        Sign(bytes[..SeedLength], expected);
        made = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(bytes));
        return CryptographicOperations.FixedTimeEquals(expected, bytes[SeedLength..]);
    }

    private void Sign(ReadOnlySpan<byte> time, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, time, hash);
        hash[..SignatureLength].CopyTo(signature);
    }
}
