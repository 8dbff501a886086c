using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Who is calling, after authentication.</summary>
/// <param name="Kind">How the caller proved itself.</param>
/// <param name="Name">
/// A stable name for limits and for the safety identifier: the key's configured name; <c>user:</c> and the user's name, also for a secret that a user minted; the secret's id otherwise;
/// <c>phone_</c> and a hash of the number that a phone call shows; <c>anonymous</c>. Never the key itself.
/// </param>
/// <param name="BoundSession">Session fields that were minted into the caller's client secret; undefined otherwise.</param>
public sealed record Caller(CallerKind Kind, string Name, JsonElement BoundSession = default)
{
    /// <summary>A caller that showed nothing.</summary>
    public static Caller Anonymous { get; } = new(CallerKind.Anonymous, "anonymous");

    /// <summary>The operator's own systems, which the policy does not bind. Keys are, what passes through a browser is not.</summary>
    public bool IsTrusted { get; init; } = Kind == CallerKind.ApiKey;

    /// <summary>
    /// By which name the sessions of a secret that this caller mints count. A user's secrets are the user; a backend mints for many users, so each of its secrets counts by itself.
    /// </summary>
    public string? SecretOwner => Kind == CallerKind.User ? Name : null;
}

/// <summary>How a caller proved itself.</summary>
public enum CallerKind
{
    /// <summary>Not at all; allowed on loopback or where authentication is off.</summary>
    Anonymous,

    /// <summary>A client secret, <c>ek_…</c>: may talk, may not mint.</summary>
    ClientSecret,

    /// <summary>One of the operator's API keys.</summary>
    ApiKey,

    /// <summary>A token of the operator's identity provider: an end user.</summary>
    User,
}
