namespace VoiceCarnival.WebSockets.Tests;

/// <summary>A client's end of a line: notes the pings it gets, and what it sends has been taken when <see cref="Come"/> returns.</summary>
internal sealed class PeerStream : Stream
{
    private readonly Queue<byte> _toRead = new();
    private Memory<byte> _room;
    private TaskCompletionSource<int>? _read;

    /// <summary>Payloads of the pings that came, in order.</summary>
    public List<byte[]> Pings { get; } = [];

    /// <summary>Bytes that came.</summary>
    public int Written { get; private set; }

    /// <summary>Writes begin and never complete.</summary>
    public bool IsStuck { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets the link receive.</summary>
    public void Serve(WebSocketLink link) => Alone(() => _ = link.ReceiveAsync());

    /// <summary>A frame of the client's.</summary>
    public void Come(Opcode opcode, byte[] payload)
    {
        using var frames = new OutgoingFrames(WebSocketRole.Client);
        frames.Add(opcode, new BytesPayload(payload));
        frames.TryTake(out var bytes);
        foreach (byte b in bytes.Span)
            _toRead.Enqueue(b);
        if (_read is not { } read)
            return;
        _read = null;
        int count = Fill(_room);
        Alone(() => read.SetResult(count));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_toRead.Count > 0)
            return ValueTask.FromResult(Fill(buffer));
        _room = buffer;
        _read = new TaskCompletionSource<int>();
        return new ValueTask<int>(_read.Task);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written += buffer.Length;
        for (int at = 0; at < buffer.Length;)
        {
            if (FrameHeader.TryRead(buffer.Span[at..], WebSocketRole.Client, out _) is not { } header)
                break; // a long message that leaves in pieces
            if (header.Opcode == Opcode.Ping && header.PayloadLength > 0)
                Pings.Add(buffer.Slice(at + header.Length, (int)header.PayloadLength).ToArray());
            at += header.Length + (int)header.PayloadLength;
        }

        return IsStuck ? new ValueTask(new TaskCompletionSource().Task) : ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Fill(Memory<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _toRead.Count);
        for (int i = 0; i < count; i++)
            buffer.Span[i] = _toRead.Dequeue();
        return count;
    }

    // What goes on from a read does so here and not where the test's context would send it.
    private static void Alone(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        action();
        SynchronizationContext.SetSynchronizationContext(context);
    }
}
