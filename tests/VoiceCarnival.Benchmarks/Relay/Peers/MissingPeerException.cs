namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>A peer cannot be had on this machine; the message says how it could.</summary>
internal sealed class MissingPeerException(string message) : Exception(message);
