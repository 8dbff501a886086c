using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Transports;

/// <summary>A transport that callers may look for and this build does not have.</summary>
internal sealed class MissingTransport(string id, string name, string reason) : ITransportDescriptor
{
    public string Id => id;

    public string Name => name;

    public TransportDescription Describe() => TransportDescription.Unavailable(reason);
}
