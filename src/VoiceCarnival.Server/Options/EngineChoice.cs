namespace VoiceCarnival.Server.Options;

/// <summary>Values of <c>VoiceCarnival:Engine</c>.</summary>
internal enum EngineChoice
{
    /// <summary>OpenAI when there is a key, else local.</summary>
    Auto,

    /// <summary>OpenAI Realtime, or a server that speaks like it.</summary>
    OpenAI,

    /// <summary>The embedded engine.</summary>
    Local,
}
