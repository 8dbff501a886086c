namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>A header of an INVITE, as the service tells it. Untrusted.</summary>
internal readonly record struct SipHeader(string Name, string Value);
