using System.Text;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Keys in SIP INFO: <c>application/dtmf-relay</c> (<c>Signal=1</c>, <c>Duration=160</c>) and <c>application/dtmf</c> (the key alone).</summary>
internal static class KeypadInfo
{
    public const string Relay = "application/dtmf-relay";
    private const int LongestBody = 256;

    /// <summary>The key; null when the body holds none.</summary>
    public static char? Read(string contentType, ReadOnlySpan<byte> body)
    {
        string type = contentType.Split(';')[0].Trim();
        if (body.Length > LongestBody)
            return null;
        string text = Encoding.ASCII.GetString(body);
        if (type.Equals("application/dtmf", StringComparison.OrdinalIgnoreCase))
            return KeyOf(text.Trim());
        if (!type.Equals(Relay, StringComparison.OrdinalIgnoreCase))
            return null;
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[..equals].Trim().Equals("Signal", StringComparison.OrdinalIgnoreCase))
                return KeyOf(line[(equals + 1)..].Trim());
        }

        return null;
    }

    /// <summary>The body of a key.</summary>
    public static byte[] Write(char key, int milliseconds) => Encoding.ASCII.GetBytes($"Signal={key}\r\nDuration={milliseconds}\r\n");

    // Some peers write the number of the event: 10 for *, 11 for #.
    private static char? KeyOf(string text) => text switch
    {
        "10" => '*',
        "11" => '#',
        [var key] when TelephoneEvent.CodeOf(key) is not null => char.ToUpperInvariant(key),
        _ => null,
    };
}
