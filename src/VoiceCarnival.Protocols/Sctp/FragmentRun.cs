using System.Buffers;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Pieces of one message that have come, without a gap between them; the whole message in the end. Used again for another when it is through.</summary>
internal sealed class FragmentRun
{
    private byte[] _buffer = [];

    /// <summary>The TSN of the first piece, counted on in 64 bits.</summary>
    public long First { get; private set; }

    /// <summary>The TSN of the last piece.</summary>
    public long Last { get; private set; }

    public ushort Stream { get; private set; }

    public ushort Sequence { get; private set; }

    public uint PayloadProtocol { get; private set; }

    public bool IsUnordered { get; private set; }

    /// <summary>It has the message's first piece.</summary>
    public bool Begins { get; private set; }

    /// <summary>It has the message's last piece.</summary>
    public bool Ends { get; private set; }

    /// <summary>Bytes.</summary>
    public int Length { get; private set; }

    public bool IsWhole => Begins && Ends;

    public ReadOnlySpan<byte> Data => _buffer.AsSpan(0, Length);

    /// <summary>Begins with one piece.</summary>
    public void Start(long place, in DataChunk chunk)
    {
        First = Last = place;
        Stream = chunk.Stream;
        Sequence = chunk.Sequence;
        PayloadProtocol = chunk.PayloadProtocol;
        IsUnordered = chunk.IsUnordered;
        Begins = chunk.Begins;
        Ends = chunk.Ends;
        Append(chunk.Data);
    }

    /// <summary>Whether a piece can be of the same message.</summary>
    public bool Fits(in DataChunk chunk) =>
        chunk.Stream == Stream && chunk.IsUnordered == IsUnordered && (chunk.Sequence == Sequence || IsUnordered);

    /// <summary>Adds the piece after the last.</summary>
    public void Add(in DataChunk chunk)
    {
        Last++;
        Ends = chunk.Ends;
        Append(chunk.Data);
    }

    /// <summary>Adds the run after the last piece.</summary>
    public void Add(FragmentRun next)
    {
        Last = next.Last;
        Ends = next.Ends;
        Append(next.Data);
    }

    /// <summary>Gives its buffer back.</summary>
    public void Clear()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_buffer.Length < Length + data.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * Length, Length + data.Length));
            Data.CopyTo(larger);
            if (_buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        data.CopyTo(_buffer.AsSpan(Length));
        Length += data.Length;
    }
}
