namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// What a peer is for. Media come on a socket's thread; all else one after another, in order, from the thread pool, and with no lock of the peer held.
/// </summary>
internal interface IPeerOwner
{
    /// <summary>The line is safe: media flow from now on.</summary>
    void OnSecured();

    /// <summary>The events' channel is open.</summary>
    void OnChannel(string protocol);

    /// <summary>An event of the caller's. The next waits until it is taken.</summary>
    ValueTask OnMessageAsync(ReadOnlyMemory<byte> utf8Json);

    /// <summary>There is room again for events.</summary>
    void OnRoom();

    /// <summary>A decrypted RTP packet; valid during the call only.</summary>
    void OnRtp(ReadOnlySpan<byte> packet);

    /// <summary>A decrypted RTCP packet; valid during the call only.</summary>
    void OnRtcp(ReadOnlySpan<byte> packet);

    /// <summary>The peer is gone. Nothing follows.</summary>
    /// <param name="end">How.</param>
    /// <param name="detail">What a log should say of it; null when there is nothing to add.</param>
    void OnEnded(PeerEnd end, string? detail);
}
