using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Sessions;

/// <summary>The sessions that are open in this process, and the single-use tokens by which callers come back to them.</summary>
public sealed class SessionDirectory
{
    private readonly ConcurrentDictionary<string, VoiceSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, VoiceSession> _byToken = new(StringComparer.Ordinal);

    /// <summary>Open sessions, a snapshot.</summary>
    public ICollection<VoiceSession> Sessions => _byId.Values;

    /// <summary>Number of open sessions.</summary>
    public int Count => _byId.Count;

    /// <summary>Finds an open session by its id.</summary>
    public VoiceSession? Find(string id) => _byId.GetValueOrDefault(id);

    internal void Add(VoiceSession session) => _byId[session.Id] = session;

    internal void Remove(VoiceSession session)
    {
        _byId.TryRemove(session.Id, out _);
        foreach (var (token, owner) in _byToken)
        {
            if (ReferenceEquals(owner, session))
                _byToken.TryRemove(token, out _);
        }
    }

    /// <summary>A fresh token for this session; the one before it stops working. Only its hash is kept.</summary>
    internal string IssueToken(VoiceSession session)
    {
        foreach (var (old, owner) in _byToken)
        {
            if (ReferenceEquals(owner, session))
                _byToken.TryRemove(old, out _);
        }

        string token = "rt_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        _byToken[Hash(token)] = session;
        return token;
    }

    /// <summary>Finds the session a token was issued for, and leaves the token as it is.</summary>
    public VoiceSession? Peek(string token) => token.Length <= 256 ? _byToken.GetValueOrDefault(Hash(token)) : null;

    /// <summary>Spends a token.</summary>
    public VoiceSession? Redeem(string token) =>
        token.Length <= 256 && _byToken.TryRemove(Hash(token), out var session) ? session : null;

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
