namespace VoiceCarnival.Testing.Realtime;

/// <summary>What a server did is not what the test expects; the message holds the transcript of what came.</summary>
public sealed class RealtimeTestException(string message) : Exception(message);
