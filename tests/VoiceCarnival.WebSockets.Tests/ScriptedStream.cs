using System.Threading.Tasks.Sources;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>A connection whose reads give what was fed, then its end or nothing, and whose writes complete when and as the test says.</summary>
internal sealed class ScriptedStream : Stream
{
    private readonly MemoryStream _toRead = new();
    private readonly MemoryStream _written = new();
    private readonly TaskCompletionSource<int> _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Func<ValueTask>> _writes = new();

    public byte[] Written => _written.ToArray();

    public int Writes { get; private set; }

    /// <summary>After what was fed nothing comes, not even the end.</summary>
    public bool IsSilent { get; set; }

    public bool IsDisposed { get; private set; }

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

    /// <summary>A coming write completes when the test says so.</summary>
    public TaskCompletionSource HoldNextWrite()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _writes.Enqueue(() => new ValueTask(hold.Task));
        return hold;
    }

    /// <summary>A coming write is not complete when it returns and is when it is awaited, as happens when another thread completes it in between.</summary>
    public void CompleteNextWriteAsItIsAwaited() => _writes.Enqueue(() => new ValueTask(new JustCompleted(), 0));

    public void ThrowOnNextWrite(Exception exception) => _writes.Enqueue(() => throw exception);

    /// <summary>Pending and later reads fail.</summary>
    public void Cut() => _cut.TrySetException(new IOException("cut"));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = _toRead.Read(buffer.Span);
        bool isAtEnd = _toRead.Position == _toRead.Length; // a read of no bytes waits for something to read, or the end
        return read == 0 && isAtEnd && IsSilent ? new ValueTask<int>(_cut.Task) : ValueTask.FromResult(read);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes++;
        _written.Write(buffer.Span);
        return _writes.TryDequeue(out var write) ? write() : ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        Cut();
        base.Dispose(disposing);
    }

    private sealed class JustCompleted : IValueTaskSource
    {
        private bool _wasAsked;

        public void GetResult(short token)
        {
        }

        public ValueTaskSourceStatus GetStatus(short token)
        {
            var status = _wasAsked ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
            _wasAsked = true;
            return status;
        }

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => continuation(state);
    }
}
