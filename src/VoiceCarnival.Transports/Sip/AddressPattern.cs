using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Numbers and addresses as settings list them, such as <c>+49*</c> or <c>*@pbx.example.com</c>: <c>*</c> is any run, <c>?</c> one character, of
/// anything but <c>@</c>; without regard to case.
/// </summary>
internal sealed class AddressPattern(string pattern)
{
    /// <summary>Whether a user part or number fits.</summary>
    public bool MatchesUser(string user) => IsMatch(user);

    /// <summary>
    /// Whether a destination fits: of a SIP URI <c>user@host</c> as a whole, so that a pattern of numbers allows nobody's host; of a tel URI the number. An IPv6 address is compared in its
    /// short form (RFC 5952), in brackets or without. One that says by parameters or headers to go elsewhere never fits.
    /// </summary>
    public bool MatchesUri(string uri)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out var parsed) || parsed.Scheme == SipUriScheme.Other || parsed.Headers.Length > 0
            || parsed.Parameters.Has("maddr"u8) || parsed.Parameters.Has("ttl"u8))
            return false;
        if (!parsed.IsSip)
            return IsMatch(parsed.UserText) || IsMatch("tel:" + parsed.UserText);
        return IPAddress.TryParse(parsed.HostText, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6
            ? IsMatchAt(parsed, $"[{ip}]") || IsMatchAt(parsed, $"{ip}")
            : IsMatchAt(parsed, parsed.HostText);
    }

    private bool IsMatchAt(SipUri uri, string host) => IsMatch($"{uri.UserText}@{host}") || IsMatch($"sip:{uri.UserText}@{host}");

    // Of several runs only the last may have to grow: those before it are as short as they can be, and what follows "@" cannot move before it.
    private bool IsMatch(string text)
    {
        int at = 0, here = 0, run = -1, from = 0;
        while (at < text.Length)
        {
            char next = here < pattern.Length ? pattern[here] : '\0';
            if (next == '*')
            {
                run = ++here;
                from = at;
            }
            else if (here < pattern.Length && (next == '?' ? text[at] != '@' : char.ToUpperInvariant(next) == char.ToUpperInvariant(text[at])))
            {
                at++;
                here++;
            }
            else if (run >= 0 && text[from] != '@')
            {
                at = ++from;
                here = run;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(here).TrimStart('*').IsEmpty;
    }
}
