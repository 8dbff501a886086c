namespace VoiceCarnival.Protocols.Sctp;

/// <summary>The next sequence number of each stream, 0 at first. Streams that nothing has used cost nothing, and all together 128 KiB.</summary>
internal sealed class StreamSequences
{
    private const int PageSize = 256;
    private readonly ushort[]?[] _pages = new ushort[]?[(ushort.MaxValue + 1) / PageSize];

    public ushort this[ushort stream]
    {
        get => _pages[stream / PageSize] is { } page ? page[stream % PageSize] : (ushort)0;
        set => (_pages[stream / PageSize] ??= new ushort[PageSize])[stream % PageSize] = value;
    }
}
