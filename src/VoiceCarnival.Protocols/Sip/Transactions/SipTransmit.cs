namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>A message to be sent.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Target">Where to.</param>
/// <param name="Transaction">Which is to be told when it cannot be sent; null when nobody is.</param>
public readonly record struct SipTransmit(ReadOnlyMemory<byte> Bytes, SipTarget Target, SipTransaction? Transaction);
