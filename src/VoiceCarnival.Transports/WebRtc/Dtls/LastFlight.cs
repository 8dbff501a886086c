namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>The datagrams that were sent last in a handshake, until the other side has spoken (RFC 6347, section 4.2.4). Not thread-safe.</summary>
internal sealed class LastFlight
{
    // Ours have five. A library that sends without end must not fill the memory, nor may somebody who asks for copies without end get them.
    private const int MostDatagrams = 16;
    private const int MostCopies = 200;
    private readonly List<byte[]> _datagrams = [];
    private int _copies;
    private bool _hasEnded;

    /// <summary>Keeps a datagram that is sent: the next of this flight, or the first of another.</summary>
    public void Add(ReadOnlySpan<byte> datagram)
    {
        if (_hasEnded)
            Clear();
        if (_datagrams.Count < MostDatagrams)
            _datagrams.Add(datagram.ToArray());
    }

    /// <summary>What is sent from now on is another flight.</summary>
    public void End() => _hasEnded = true;

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        _hasEnded = false;
        _datagrams.Clear();
    }

    /// <summary>What to send once more, byte for byte; nothing when that was done too often.</summary>
    public byte[][] TakeCopy() => _copies++ < MostCopies ? [.. _datagrams] : [];
}
