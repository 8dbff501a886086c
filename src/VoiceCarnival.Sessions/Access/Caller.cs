using System.Text.Json;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Who is calling, after authentication.</summary>
/// <param name="Kind">How the caller proved itself.</param>
/// <param name="Name">A stable name for limits and logs: the key's configured name, the secret's id, or <c>anonymous</c>. Never the key itself.</param>
/// <param name="BoundSession">Session fields that were minted into the caller's client secret; undefined otherwise.</param>
public sealed record Caller(CallerKind Kind, string Name, JsonElement BoundSession = default)
{
    /// <summary>A caller that showed nothing.</summary>
    public static Caller Anonymous { get; } = new(CallerKind.Anonymous, "anonymous");
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
}
