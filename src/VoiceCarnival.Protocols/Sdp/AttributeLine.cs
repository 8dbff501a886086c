namespace VoiceCarnival.Protocols.Sdp;

/// <summary>An <c>a=</c> line (RFC 8866, section 5.13).</summary>
/// <param name="Name">What stands before the colon.</param>
/// <param name="Value">What stands behind it; null for a flag.</param>
/// <param name="Line">Where it was read; 0 when it was not.</param>
public sealed record AttributeLine(string Name, string? Value = null, int Line = 0);
