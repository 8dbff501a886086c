namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>The 49 messages of RFC 4475, as its appendix has them, byte by byte.</summary>
internal static class TortureMessages
{
    public static IReadOnlyList<string> Names { get; } = [.. typeof(TortureMessages).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".dat", StringComparison.Ordinal)).Select(name => name[..^4]).Order()];

    public static byte[] Get(string name)
    {
        using var stream = typeof(TortureMessages).Assembly.GetManifestResourceStream(name + ".dat")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
