namespace VoiceCarnival.Protocols.Srtp;

/// <summary>The streams of one direction, by source. A peer has few, so they are searched one by one.</summary>
internal sealed class SrtpStreams(int capacity)
{
    private readonly SrtpStream?[] _streams = new SrtpStream?[capacity];
    private readonly uint[] _sources = new uint[capacity];
    private int _count;

    public bool IsFull => _count == _streams.Length;

    public SrtpStream? Find(uint ssrc)
    {
        int at = _sources.AsSpan(0, _count).IndexOf(ssrc);
        return at < 0 ? null : _streams[at];
    }

    public void Add(uint ssrc, SrtpStream stream)
    {
        _sources[_count] = ssrc;
        _streams[_count++] = stream;
    }
}
