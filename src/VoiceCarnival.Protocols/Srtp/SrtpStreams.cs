namespace VoiceCarnival.Protocols.Srtp;

/// <summary>The streams of one direction, by source. A peer has few, so they are searched one by one.</summary>
internal sealed class SrtpStreams(int capacity)
{
    private const int FirstCapacity = 4;
    private SrtpStream[] _streams = new SrtpStream[Math.Min(capacity, FirstCapacity)];
    private uint[] _sources = new uint[Math.Min(capacity, FirstCapacity)];
    private int _count;

    public bool IsFull => _count == capacity;

    public SrtpStream? Find(uint ssrc)
    {
        int at = _sources.AsSpan(0, _count).IndexOf(ssrc);
        return at < 0 ? null : _streams[at];
    }

    public void Add(uint ssrc, SrtpStream stream)
    {
        if (_count == _sources.Length)
        {
            int length = Math.Min(capacity, 2 * _count);
            Array.Resize(ref _streams, length);
            Array.Resize(ref _sources, length);
        }

        _sources[_count] = ssrc;
        _streams[_count++] = stream;
    }
}
