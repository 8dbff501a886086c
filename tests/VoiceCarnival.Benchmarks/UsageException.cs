namespace VoiceCarnival.Benchmarks;

/// <summary>What was asked for cannot be done; the message tells why.</summary>
internal sealed class UsageException(string message) : Exception(message);
