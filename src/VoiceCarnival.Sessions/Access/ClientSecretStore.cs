using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>
/// Client secrets within this process. Only their SHA-256 is kept. Bounded in number and in bytes: when full, those that expire soonest go first.
/// </summary>
public sealed class ClientSecretStore(TimeProvider time, int capacity, long capacityBytes) : IClientSecretStore
{
    /// <summary>How every client secret begins.</summary>
    public const string Prefix = "ek_";

    private const int RandomBytes = 24;
    private const int LongestValue = 512;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _byHash = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _byExpiry = new();
    private long _bytes;

    /// <summary>A store with room for 20 000 secrets and 64 MB of session fields.</summary>
    public ClientSecretStore(TimeProvider time)
        : this(time, 20_000, 64 * 1024 * 1024)
    {
    }

    /// <summary>Secrets kept now, expired ones that were not cleared yet included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byHash.Count;
        }
    }

    /// <inheritdoc/>
    public ClientSecret Mint(JsonElement session, TimeSpan lifetime, string? owner = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, Shortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, Longest);
        string value = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        var expiresAt = time.GetUtcNow() + lifetime;
        Adopt(value, session, expiresAt, owner);
        return new ClientSecret(value, expiresAt);
    }

    /// <inheritdoc/>
    public void Adopt(string value, JsonElement session, DateTimeOffset expiresAt, string? owner = null)
    {
        string hash = Hash(value);
        bool isBound = session.ValueKind != JsonValueKind.Undefined;
        var entry = new Entry(expiresAt, isBound ? session.Clone() : default, isBound ? session.GetRawText().Length : 0, owner);
        lock (_gate)
        {
            MakeRoom(entry.Bytes);
            if (!_byHash.TryAdd(hash, entry))
                return;
            _byExpiry.Enqueue(hash, expiresAt);
            _bytes += entry.Bytes;
        }
    }

    /// <inheritdoc/>
    public RedeemedClientSecret? Redeem(string value)
    {
        if (value.Length > LongestValue || !value.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        string hash = Hash(value);
        lock (_gate)
        {
            return _byHash.TryGetValue(hash, out var entry) && entry.ExpiresAt > time.GetUtcNow()
                ? new RedeemedClientSecret("cs_" + hash[..12].ToLowerInvariant(), entry.Session, entry.Owner)
                : null;
        }
    }

    private void MakeRoom(int bytes)
    {
        var now = time.GetUtcNow();
        while (_byExpiry.TryPeek(out string? hash, out var expiresAt)
            && (expiresAt <= now || _byHash.Count >= capacity || _bytes + bytes > capacityBytes))
        {
            _byExpiry.Dequeue();
            if (_byHash.Remove(hash, out var entry))
                _bytes -= entry.Bytes;
        }
    }

    private static string Hash(string value) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private readonly record struct Entry(DateTimeOffset ExpiresAt, JsonElement Session, int Bytes, string? Owner);
}
