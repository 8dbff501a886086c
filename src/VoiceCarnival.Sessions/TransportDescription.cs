namespace VoiceCarnival.Sessions;

/// <summary>Whether callers can use a transport now.</summary>
/// <param name="Available">They can.</param>
/// <param name="Reason">If not, why, for people.</param>
/// <param name="Url">Where it is, relative to this server, when it has a URL.</param>
public readonly record struct TransportDescription(bool Available, string? Reason, string? Url)
{
    /// <summary>Ready at <paramref name="url"/>.</summary>
    public static TransportDescription At(string? url) => new(true, null, url);

    /// <summary>Not usable, and why.</summary>
    public static TransportDescription Unavailable(string reason) => new(false, reason, null);
}
