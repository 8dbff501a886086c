using System.Globalization;

namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>
/// Answers challenges (RFC 3261, section 22; RFC 7616; RFC 8760: of those offered the strongest), and goes on to prove who we are in later requests without being
/// asked, counting as it does, until there is a new nonce.
/// </summary>
public sealed class DigestClient(SipCredentials credentials)
{
    private const int LongestChallenge = 1500;
    private readonly List<Challenge> _challenges = [];

    /// <summary>Takes the challenges of a response 401 or 407.</summary>
    /// <returns>
    /// Whether to try again. Not when there is none that we can answer, nor when the one that we had answered comes again: then the password is wrong.
    /// </returns>
    public bool TryTake(SipMessage response)
    {
        bool isProxy = response.Status == 407;
        var name = isProxy ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate;
        bool isTaken = false;
        var found = new List<Challenge>();
        for (int i = response.IndexOf(name); i >= 0; i = response.IndexOf(name, i + 1))
        {
            if (Challenge.TryRead(response.ValueAt(i), isProxy) is { } challenge)
                found.Add(challenge);
        }

        foreach (var realm in found.GroupBy(challenge => challenge.Realm).Take(4))
        {
            var best = realm.MaxBy(challenge => challenge.Algorithm)!;
            var known = _challenges.Find(challenge => challenge.Realm == best.Realm && challenge.IsProxy == isProxy);
            if (known is not null && !best.IsStale && (known.Nonce == best.Nonce || ++known.Refusals > 1))
                continue;
            best.Refusals = known?.Refusals ?? 0;
            if (known is not null)
                _challenges.Remove(known);
            _challenges.Add(best);
            isTaken = true;
        }

        return isTaken;
    }

    /// <summary>A request went through: the next challenge is a new one, not a refusal.</summary>
    public void OnAccepted() => _challenges.ForEach(challenge => challenge.Refusals = 0);

    /// <summary>The headers that prove who we are.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="uri">The request's URI.</param>
    /// <param name="clientNonce">A token drawn at random.</param>
    public IEnumerable<(SipHeaderName Name, string Value)> Authorize(string method, string uri, string clientNonce)
    {
        foreach (var challenge in _challenges)
        {
            string count = (++challenge.Count).ToString("x8", CultureInfo.InvariantCulture);
            string response = DigestHash.Response(
                challenge.Algorithm, credentials.User, challenge.Realm, credentials.Password, challenge.Nonce, method, uri, count, clientNonce, challenge.HasQop);
            string value = $"Digest username={SipText.Quote(credentials.User)}, realm={SipText.Quote(challenge.Realm)}, nonce={SipText.Quote(challenge.Nonce)}, uri={SipText.Quote(uri)}, response=\"{response}\"";
            value += $", algorithm={challenge.Algorithm.Name()}";
            if (challenge.HasQop)
                value += $", cnonce=\"{clientNonce}\", qop=auth, nc={count}";
            if (challenge.Opaque is { } opaque)
                value += $", opaque={SipText.Quote(opaque)}";
            yield return (challenge.IsProxy ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization, value);
        }
    }

    private sealed class Challenge
    {
        public required string Realm { get; init; }

        public required string Nonce { get; init; }

        public required DigestAlgorithm Algorithm { get; init; }

        public required bool IsProxy { get; init; }

        public string? Opaque { get; init; }

        public bool HasQop { get; init; }

        public bool IsStale { get; init; }

        public uint Count { get; set; }

        public int Refusals { get; set; }

        public static Challenge? TryRead(ReadOnlySpan<byte> value, bool isProxy)
        {
            if (AuthParameters.TryRead(value) is not { } parameters || AuthParameters.Algorithm(parameters) is not { } algorithm
                || !parameters.TryGetValue("realm", out string? realm) || !parameters.TryGetValue("nonce", out string? nonce))
                return null;
            // An answer to it has to fit into a header.
            if (realm.Length + nonce.Length + (parameters.GetValueOrDefault("opaque")?.Length ?? 0) > LongestChallenge)
                return null;
            bool hasQop = parameters.TryGetValue("qop", out string? qop);
            if (hasQop && !qop!.Split(',').Any(word => word.Trim().Equals("auth", StringComparison.OrdinalIgnoreCase)))
                return null;
            return new Challenge
            {
                Realm = realm,
                Nonce = nonce,
                Algorithm = algorithm,
                IsProxy = isProxy,
                Opaque = parameters.GetValueOrDefault("opaque"),
                HasQop = hasQop,
                IsStale = parameters.TryGetValue("stale", out string? stale) && stale.Equals("true", StringComparison.OrdinalIgnoreCase),
            };
        }
    }
}
