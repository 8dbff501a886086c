namespace VoiceCarnival.Protocols.Sip;

/// <summary>Sizes beyond which bytes are refused. Ordinary calls stay far below; carriers' long Via, Record-Route and Diversion lists fit.</summary>
public static class SipLimits
{
    /// <summary>The longest message, in bytes: what fits into a datagram.</summary>
    public const int MaxMessage = 65_535;

    /// <summary>The longest start line and headers together, in bytes.</summary>
    public const int MaxHead = 32 * 1024;

    /// <summary>The most header lines.</summary>
    public const int MaxHeaders = 200;

    /// <summary>The longest header value, folds included, in bytes.</summary>
    public const int MaxValue = 8 * 1024;

    /// <summary>The longest method or header name, in bytes.</summary>
    public const int MaxName = 128;

    /// <summary>Bytes of all routes of a message together, and of all contacts.</summary>
    public const int MaxRoutes = 16 * 1024;

    /// <summary>Bytes of all routes that a message records, as a call's requests repeat them: each fits into a line, and the peer's address behind them.</summary>
    public const int MaxRecordedRoutes = MaxValue;

    /// <summary>The longest request URI, in bytes.</summary>
    public const int MaxUri = 2048;

    /// <summary>The longest Call-ID, tag or branch, in bytes: they are kept.</summary>
    public const int MaxId = 512;

    /// <summary>The most values of one list, over all lines of its header.</summary>
    public const int MaxListed = 100;
}
