using System.Text;
using System.Text.RegularExpressions;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Numbers and addresses as settings list them, such as <c>+49*</c> or <c>*@pbx.example.com</c>: <c>*</c> is any run, <c>?</c> one character, of
/// anything but <c>@</c>; without regard to case.
/// </summary>
internal sealed class AddressPattern
{
    private readonly Regex _regex;

    public AddressPattern(string pattern) => _regex = new Regex(
        $"\\A{Regex.Escape(pattern).Replace("\\*", "[^@]*", StringComparison.Ordinal).Replace("\\?", "[^@]", StringComparison.Ordinal)}\\z",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    /// <summary>Whether a user part or number fits.</summary>
    public bool MatchesUser(string user) => _regex.IsMatch(user);

    /// <summary>
    /// Whether a destination fits: of a SIP URI <c>user@host</c> as a whole, so that a pattern of numbers allows nobody's host; of a tel URI the number. One that says by
    /// parameters or headers to go elsewhere never fits.
    /// </summary>
    public bool MatchesUri(string uri)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out var parsed) || parsed.Scheme == SipUriScheme.Other || parsed.Headers.Length > 0
            || parsed.Parameters.Has("maddr"u8) || parsed.Parameters.Has("ttl"u8))
            return false;
        if (!parsed.IsSip)
            return _regex.IsMatch(parsed.UserText) || _regex.IsMatch("tel:" + parsed.UserText);
        string address = $"{parsed.UserText}@{parsed.HostText}";
        return _regex.IsMatch(address) || _regex.IsMatch("sip:" + address);
    }
}
