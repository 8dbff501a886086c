using System.Globalization;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Who made a description, and which version of it this is: an <c>o=</c> line (RFC 8866, section 5.2).</summary>
/// <param name="Username">A name, or a hyphen.</param>
/// <param name="SessionId">A number that stays the same throughout a session.</param>
/// <param name="Version">A number that goes up with each change.</param>
/// <param name="Connection">The maker's address.</param>
public sealed record SdpOrigin(string Username, ulong SessionId, ulong Version, SdpConnection Connection)
{
    /// <summary>The line's value.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Username} {SessionId} {Version} {Connection}");

    internal static SdpOrigin? TryParse(string value)
    {
        var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A user name has no blanks, but those of some phones do.
        if (words.Length is < 6 or > 16
            || !ulong.TryParse(words[^5], NumberStyles.None, CultureInfo.InvariantCulture, out ulong id)
            || !ulong.TryParse(words[^4], NumberStyles.None, CultureInfo.InvariantCulture, out ulong version)
            || SdpConnection.TryParse(string.Join(' ', words[^3..])) is not { } connection)
            return null;
        return new SdpOrigin(string.Join('-', words[..^5]), id, version, connection);
    }
}
