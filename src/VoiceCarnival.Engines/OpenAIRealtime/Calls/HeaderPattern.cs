using System.Text.RegularExpressions;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>
/// A pattern over the whole of a SIP header's value, without regard to case: text with <c>*</c> for any run and <c>?</c> for one character, or a regular expression
/// between slashes. Where the value holds an address, the address alone (<c>sip:+4930123@host</c>) and its user part (<c>+4930123</c>) may match as well.
/// </summary>
internal sealed class HeaderPattern
{
    private const int LongestValue = 1024;
    private readonly Regex _regex;

    private HeaderPattern(Regex regex) => _regex = regex;

    /// <summary>Null when the pattern is none, with what is wrong.</summary>
    public static HeaderPattern? TryParse(string pattern, out string? problem)
    {
        problem = null;
        bool isRegex = pattern.Length > 2 && pattern[0] == '/' && pattern[^1] == '/';
        string expression = isRegex ? pattern[1..^1] : Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        try
        {
            // Linear in the value's length, whatever the caller sends.
            return new HeaderPattern(new Regex($"\\A(?:{expression})\\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline,
                TimeSpan.FromMilliseconds(100)));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            problem = exception is NotSupportedException ? "lookarounds and backreferences are not taken" : exception.Message;
            return null;
        }
    }

    /// <summary>True when the value, or the address in it, matches. Never throws.</summary>
    public bool Matches(string value)
    {
        if (value.Length > LongestValue)
            return false;
        try
        {
            if (_regex.IsMatch(value))
                return true;
            var address = AddressIn(value);
            return !address.IsEmpty && (_regex.IsMatch(address) || _regex.IsMatch(UserOf(address)));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The address in a From header, else the whole of it: what tells callers apart.</summary>
    public static string CallerIn(string from) => AddressIn(from) is { IsEmpty: false } address ? address.ToString() : from;

    // "Name" <sip:user@host;parameter>;tag=… (RFC 3261, section 20.10), without parameters.
    private static ReadOnlySpan<char> AddressIn(ReadOnlySpan<char> value)
    {
        int open = value.LastIndexOf('<');
        if (open >= 0)
        {
            value = value[(open + 1)..];
            int close = value.IndexOf('>');
            if (close < 0)
                return default;
            value = value[..close];
        }

        value = value.Trim();
        int end = value.IndexOfAny(';', '?', ',');
        if (end >= 0)
            value = value[..end];
        return value.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) || value.StartsWith("sips:", StringComparison.OrdinalIgnoreCase)
            || value.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) ? value : default;
    }

    private static ReadOnlySpan<char> UserOf(ReadOnlySpan<char> address)
    {
        var rest = address[(address.IndexOf(':') + 1)..];
        int at = rest.IndexOf('@');
        return at < 0 ? rest : rest[..at];
    }
}
