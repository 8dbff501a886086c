namespace VoiceCarnival.WebSockets.Tests;

/// <summary>A connection whose reads give what was fed and whose writes complete when the test says so.</summary>
internal sealed class ScriptedStream : Stream
{
    private readonly MemoryStream _toRead = new();
    private readonly MemoryStream _written = new();
    private TaskCompletionSource? _hold;

    public byte[] Written => _written.ToArray();

    public int Writes { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Feed(params ReadOnlySpan<byte[]> pieces)
    {
        foreach (byte[] piece in pieces)
            _toRead.Write(piece);
        _toRead.Position = 0;
    }

    public TaskCompletionSource HoldNextWrite() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(_toRead.Read(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes++;
        _written.Write(buffer.Span);
        var hold = _hold;
        _hold = null;
        return hold is null ? ValueTask.CompletedTask : new ValueTask(hold.Task);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
