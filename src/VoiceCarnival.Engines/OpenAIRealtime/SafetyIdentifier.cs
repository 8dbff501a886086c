using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// What the service gets to know of a caller, <c>OpenAI-Safety-Identifier</c>: the same for the same caller, and nothing that leads back to it without the
/// operator's key.
/// </summary>
internal sealed class SafetyIdentifier(IOptions<OpenAIOptions> options)
{
    private const string Purpose = "voicecarnival safety identifier";
    private readonly byte[] _key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Value.ApiKey.Reveal()), Encoding.UTF8.GetBytes(Purpose));

    /// <summary>Hex of a keyed hash.</summary>
    /// <param name="caller">The caller's name; callers without one are told apart by address.</param>
    /// <param name="address">Where the caller is.</param>
    public string Of(string? caller, IPAddress? address) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(caller is null or "anonymous" ? $"address {address}" : $"caller {caller}")))[..32];
}
