namespace VoiceCarnival.Protocols.Sdp;

/// <summary>What is wrong with a session description, and where.</summary>
/// <param name="Line">The line, from 1; 0 when it is about the whole.</param>
/// <param name="Message">What is wrong and what is wanted, to be shown to whoever wrote it.</param>
public sealed record SdpError(int Line, string Message)
{
    /// <summary>Both in one sentence.</summary>
    public override string ToString() => Line > 0 ? $"Line {Line}: {Message}" : Message;
}
