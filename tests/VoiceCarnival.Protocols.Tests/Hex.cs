namespace VoiceCarnival.Protocols.Tests;

/// <summary>Bytes as the RFCs print them.</summary>
internal static class Hex
{
    /// <summary>Reads hexadecimal digits, blanks and line ends between them ignored.</summary>
    public static byte[] Bytes(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
}
