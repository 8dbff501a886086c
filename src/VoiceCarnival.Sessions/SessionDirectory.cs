using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Sessions;

/// <summary>The sessions that are open in this process, and the tokens, each good for one return, by which callers come back to them.</summary>
public sealed class SessionDirectory
{
    // Of a caller that comes back again and again and is never heard.
    private const int MostTokens = 16;
    private readonly ConcurrentDictionary<string, VoiceSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, VoiceSession> _byToken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<VoiceSession, ImmutableArray<string>> _tokens = new();

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
        if (_tokens.TryRemove(session, out var tokens))
            Forget(tokens.AsSpan());
    }

    /// <summary>
    /// A fresh token for this session. Those before it are good until <see cref="SpendFormerTokens"/>: a line that breaks again before the new one is through must not cost the caller
    /// his session. Only hashes are kept.
    /// </summary>
    internal string IssueToken(VoiceSession session)
    {
        string token = "rt_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var tokens = _tokens.TryGetValue(session, out var known) ? known : [];
        if (tokens.Length == MostTokens)
        {
            Forget(tokens.AsSpan(0, 1));
            tokens = tokens.RemoveAt(0);
        }

        _tokens[session] = tokens.Add(Hash(token));
        _byToken[Hash(token)] = session;
        return token;
    }

    /// <summary>The caller has been heard over the line that brought the last token: those before it stop working.</summary>
    internal void SpendFormerTokens(VoiceSession session)
    {
        // Not when another was issued meanwhile.
        if (_tokens.TryGetValue(session, out var tokens) && tokens.Length > 1 && _tokens.TryUpdate(session, [tokens[^1]], tokens))
            Forget(tokens.AsSpan(0, tokens.Length - 1));
    }

    /// <summary>Finds the session that a token lets its caller come back to.</summary>
    public VoiceSession? FindByToken(string token) => token.Length <= 256 ? _byToken.GetValueOrDefault(Hash(token)) : null;

    private void Forget(ReadOnlySpan<string> hashes)
    {
        foreach (string hash in hashes)
            _byToken.TryRemove(hash, out _);
    }

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
