using System.Net;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>What <see cref="MediaPort"/> listens on at one address.</summary>
internal interface IMediaSocket : IDisposable
{
    /// <summary>Where it is bound.</summary>
    IPEndPoint Local { get; }

    /// <summary>Begins to read.</summary>
    void Start(IDatagramReceiver receiver);
}
