using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>
/// Client secrets within this process. Only their SHA-256 is kept. Bounded in number and in bytes, and to an eighth of either for each caller who is told apart from others:
/// when full, those that expire soonest go first, and one's own before those of others.
/// </summary>
public sealed class ClientSecretStore(TimeProvider time, int capacity, long capacityBytes) : IClientSecretStore
{
    /// <summary>How every client secret begins.</summary>
    public const string Prefix = "ek_";

    private const int RandomBytes = 24;
    private const int LongestValue = 512;
    private const int Shares = 8;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _byHash = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _byExpiry = new();
    private readonly Dictionary<string, (int Count, long Bytes)> _shares = new(StringComparer.Ordinal);
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
            MakeRoom(entry);
            if (!_byHash.TryAdd(hash, entry))
                return;
            _byExpiry.Enqueue(hash, expiresAt);
            Note(entry, 1);
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

    private void MakeRoom(in Entry coming)
    {
        var now = time.GetUtcNow();
        while (_byExpiry.TryPeek(out _, out var expiresAt) && expiresAt <= now)
            Remove(_byExpiry.Dequeue());
        if (!HasShare(coming))
            MakeRoomAmongOwn(coming);
        while (_byExpiry.Count > 0 && (_byHash.Count >= capacity || _bytes + coming.Bytes > capacityBytes))
            Remove(_byExpiry.Dequeue());
    }

    // Rare, so a search will do; what is removed here is passed over when its turn comes.
    private void MakeRoomAmongOwn(in Entry coming)
    {
        string? owner = coming.Owner;
        foreach (string hash in _byHash.Where(entry => entry.Value.Owner == owner).OrderBy(static entry => entry.Value.ExpiresAt).Select(static entry => entry.Key).ToArray())
        {
            Remove(hash);
            if (HasShare(coming))
                return;
        }
    }

    private bool HasShare(in Entry coming)
    {
        if (coming.Owner is null)
            return true;
        var (count, bytes) = _shares.GetValueOrDefault(coming.Owner);
        return count < Math.Max(1, capacity / Shares) && bytes + coming.Bytes <= Math.Max(coming.Bytes, capacityBytes / Shares);
    }

    private void Remove(string hash)
    {
        if (_byHash.Remove(hash, out var entry))
            Note(entry, -1);
    }

    private void Note(in Entry entry, int change)
    {
        _bytes += change * (long)entry.Bytes;
        if (entry.Owner is not { } owner)
            return;
        var (count, bytes) = _shares.GetValueOrDefault(owner);
        if (count + change == 0)
            _shares.Remove(owner);
        else
            _shares[owner] = (count + change, bytes + change * (long)entry.Bytes);
    }

    private static string Hash(string value) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private readonly record struct Entry(DateTimeOffset ExpiresAt, JsonElement Session, int Bytes, string? Owner);
}
