using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>The STUN and TURN servers for a caller, from the settings. Passwords for TURN run out where the TURN server knows how (draft-uberti-behave-turn-rest-00, as coturn has it).</summary>
public sealed class IceServers(IOptions<WebRtcOptions> options, TimeProvider time)
{
    /// <summary>What to tell a caller.</summary>
    /// <param name="user">Names the caller in the TURN server's log; null for a stranger.</param>
    public IReadOnlyList<IceServer> For(string? user) => [.. options.Value.IceServers.Select(server => For(server, user))];

    private IceServer For(IceServerOptions server, string? user)
    {
        if (server.SharedSecret.IsEmpty)
            return new IceServer(server.Urls, server.Username, server.Credential.IsEmpty ? null : server.Credential.Reveal());
        long until = time.GetUtcNow().ToUnixTimeSeconds() + server.LifetimeSeconds;
        string name = string.Create(CultureInfo.InvariantCulture, $"{until}:{server.Username ?? user ?? "caller"}");
        // SHA-1 is what the scheme has; as a MAC it is sound.
#pragma warning disable CA5350
        byte[] password = HMACSHA1.HashData(Encoding.UTF8.GetBytes(server.SharedSecret.Reveal()), Encoding.UTF8.GetBytes(name));
#pragma warning restore CA5350
        return new IceServer(server.Urls, name, Convert.ToBase64String(password));
    }
}
