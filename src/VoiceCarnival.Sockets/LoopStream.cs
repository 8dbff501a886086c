using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace VoiceCarnival.Sockets;

/// <summary>
/// A connected socket on a <see cref="SocketLoop"/>. What goes on from a read or a write does so on the loop's thread. It receives only when there is
/// something to receive, and a read of no bytes waits for that without a system call or a buffer.
/// </summary>
/// <remarks>One reads and one writes at a time; any thread may dispose.</remarks>
public sealed class LoopStream : Stream, IValueTaskSource<int>, IValueTaskSource
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly int _handle;
    private readonly SocketLoop _loop;
    private readonly long _place;
    private ManualResetValueTaskSourceCore<int> _reading;
    private ManualResetValueTaskSourceCore<int> _writing;
    private CancellationTokenRegistration _readCancellation;
    private CancellationTokenRegistration _writeCancellation;
    private CancellationToken _readToken;
    private CancellationToken _writeToken;
    private Memory<byte> _room;
    private ReadOnlyMemory<byte> _rest;
    private ReadOnlyMemory<byte> _unread;
    private bool _isReading;
    private bool _isWriting;
    private bool _isReadable;
    private bool _isHungUp;
    private bool _isClosed;
    private bool _wasWritable;

    /// <summary>
    /// True where there are loops; elsewhere use what the runtime offers. Also false for an operator who has told the runtime not to work on the threads of
    /// its sockets, since that is what the loops do.
    /// </summary>
    public static bool IsSupported { get; } =
        Epoll.IsSupported && Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") != "0";

    /// <summary>Takes over a socket that no asynchronous operation was ever started on: the runtime would be told of its events as well.</summary>
    public LoopStream(Socket socket)
        : this(socket, SocketLoop.Choose())
    {
    }

    internal LoopStream(Socket socket, SocketLoop loop)
    {
        _socket = socket;
        socket.Blocking = false;
        _handle = (int)socket.SafeHandle.DangerousGetHandle();
        _loop = loop;
        // What there is to read by now is told as well.
        lock (_gate)
            _place = loop.Add(this, _handle);
    }

    /// <summary>The peer has closed its side, or the connection broke; comes once, from the loop's thread or as it is set. What was received before can still be read.</summary>
    public Action? HungUp
    {
        get;
        set
        {
            bool isLate;
            lock (_gate)
            {
                field = value;
                isLate = _isHungUp;
            }

            if (isLate)
                value?.Invoke();
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Gives back what was read and not used: the next read begins with it.</summary>
    public void Unread(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
            _unread = bytes;
    }

    /// <inheritdoc/>
    /// <remarks>With an empty buffer it completes when there is something to read, or the end.</remarks>
    /// <exception cref="IOException">The connection broke or was closed.</exception>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_isClosed)
                return ValueTask.FromException<int>(Closed());
            if (!_unread.IsEmpty)
                return new ValueTask<int>(TakeUnread(buffer.Span));
            if (_isReadable)
            {
                try
                {
                    if (TryReceive(buffer.Span) is { } received)
                        return new ValueTask<int>(received);
                }
                catch (IOException exception)
                {
                    return ValueTask.FromException<int>(exception);
                }
            }

            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<int>(cancellationToken);
            if (_isReading)
                return ValueTask.FromException<int>(new InvalidOperationException("A read is under way."));
            return BeginRead(buffer, cancellationToken);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The connection broke or was closed.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_isClosed)
                return ValueTask.FromException(Closed());
            if (_isWriting)
                return ValueTask.FromException(new InvalidOperationException("A write is under way."));
            try
            {
                if (TrySend(ref buffer))
                    return ValueTask.CompletedTask;
            }
            catch (IOException exception)
            {
                return ValueTask.FromException(exception);
            }

            return BeginWrite(buffer, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing may block the loop's thread.");

    /// <summary>Writes what the system takes at once.</summary>
    /// <exception cref="IOException">It did not take all.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ReadOnlyMemory<byte> rest = buffer.AsMemory(offset, count);
        lock (_gate)
        {
            if (_isClosed || _isWriting || !TrySend(ref rest))
                throw new IOException("Nothing may block the loop's thread.");
        }
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes the connection without a goodbye: the peer sees it reset.</summary>
    public void Abort()
    {
        Close(isAbortive: true);
        Dispose();
    }

    /// <summary>Completes when a connection that was begun is there.</summary>
    /// <exception cref="SocketException">It could not be made.</exception>
    internal async ValueTask ConnectedAsync(CancellationToken cancellationToken)
    {
        await WritableAsync(cancellationToken);
        if (_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int error and not 0)
            throw new SocketException(error);
    }

    /// <summary>From the loop's thread.</summary>
    internal void OnReady(uint events)
    {
        bool isEnd = (events & (Epoll.PeerClosed | Epoll.HungUp | Epoll.Error)) != 0;
        bool hasRead = false, hasWritten = false;
        Action? hungUp = null;
        int received = 0;
        IOException? readFailure = null, writeFailure = null;
        lock (_gate)
        {
            if (_isClosed)
                return;
            if (isEnd)
            {
                hungUp = _isHungUp ? null : HungUp;
                _isHungUp = true;
            }

            if (isEnd || (events & Epoll.In) != 0)
            {
                _isReadable = true;
                if (_isReading)
                    hasRead = FinishRead(out received, out readFailure);
            }

            if ((events & (Epoll.Out | Epoll.HungUp | Epoll.Error)) != 0)
            {
                _wasWritable = true;
                if (_isWriting)
                    hasWritten = FinishWrite(out writeFailure);
            }
        }

        hungUp?.Invoke();
        if (hasWritten)
            Complete(ref _writing, 0, writeFailure);
        if (hasRead)
            Complete(ref _reading, received, readFailure);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close(isAbortive: false);
        base.Dispose(disposing);
    }

    int IValueTaskSource<int>.GetResult(short token) => _reading.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _reading.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reading.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => _writing.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _writing.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _writing.OnCompleted(continuation, state, token, flags);

    private ValueTask WritableAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _wasWritable ? ValueTask.CompletedTask : BeginWrite(default, cancellationToken);
    }

    private static IOException Closed() => new("The connection is closed.");

    private static void Complete(ref ManualResetValueTaskSourceCore<int> source, int result, Exception? failure)
    {
        if (failure is null)
            source.SetResult(result);
        else
            source.SetException(failure);
    }

    // Under the lock, as are the following.
    private ValueTask<int> BeginRead(Memory<byte> room, CancellationToken cancellationToken)
    {
        _isReading = true;
        _room = room;
        _reading.Reset();
        var read = new ValueTask<int>(this, _reading.Version);
        _readToken = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _readCancellation = cancellationToken.UnsafeRegister(static (stream, token) => ((LoopStream)stream!).CancelRead(token), this);
        return read;
    }

    private ValueTask BeginWrite(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        _isWriting = true;
        _rest = rest;
        _writing.Reset();
        var write = new ValueTask(this, _writing.Version);
        _writeToken = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _writeCancellation = cancellationToken.UnsafeRegister(static (stream, token) => ((LoopStream)stream!).CancelWrite(token), this);
        return write;
    }

    // Null when there is nothing to receive now.
    private int? TryReceive(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int? received = Epoll.Receive(_handle, buffer);
        // Less than there was room for is all there was: the loop tells when there is more, except of the end, which it has told.
        _isReadable = received == buffer.Length || _isHungUp;
        return received;
    }

    private int TakeUnread(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _unread.Length);
        _unread.Span[..length].CopyTo(buffer);
        _unread = _unread[length..];
        return length;
    }

    private bool TrySend(ref ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (Epoll.Send(_handle, bytes.Span) is not { } sent)
                return false;
            bytes = bytes[sent..];
        }

        return true;
    }

    private bool FinishRead(out int received, out IOException? failure)
    {
        received = 0;
        failure = null;
        try
        {
            if (TryReceive(_room.Span) is not { } bytes)
                return false;
            received = bytes;
        }
        catch (IOException exception)
        {
            failure = exception;
        }

        EndRead();
        return true;
    }

    private bool FinishWrite(out IOException? failure)
    {
        failure = null;
        try
        {
            if (!TrySend(ref _rest))
                return false;
        }
        catch (IOException exception)
        {
            failure = exception;
        }

        EndWrite();
        return true;
    }

    private void EndRead()
    {
        _isReading = false;
        _room = default;
        _readCancellation.Unregister();
        _readCancellation = default;
    }

    private void EndWrite()
    {
        _isWriting = false;
        _rest = default;
        _writeCancellation.Unregister();
        _writeCancellation = default;
    }

    private void CancelRead(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_isReading || _readToken != cancellationToken)
                return; // another read by now
            EndRead();
        }

        FailRead(new OperationCanceledException(cancellationToken));
    }

    // Part of it may have left: whoever cancels a write gives the connection up.
    private void CancelWrite(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_isWriting || _writeToken != cancellationToken)
                return;
            EndWrite();
        }

        FailWrite(new OperationCanceledException(cancellationToken));
    }

    private void Close(bool isAbortive)
    {
        bool wasReading, wasWriting;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            (wasReading, wasWriting) = (_isReading, _isWriting);
            EndRead();
            EndWrite();
            _unread = default;
            _loop.Remove(_place, _handle);
            if (isAbortive)
                _socket.LingerState = new LingerOption(true, 0);
            else
                TryShutdown();
            _socket.Dispose();
        }

        // Not here: whoever waits may hold a lock that who closes holds, too.
        if (wasReading)
            ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.FailRead(Closed()), this, preferLocal: false);
        if (wasWriting)
            ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.FailWrite(Closed()), this, preferLocal: false);
    }

    private void FailRead(Exception failure) => _reading.SetException(failure);

    private void FailWrite(Exception failure) => _writing.SetException(failure);

    private void TryShutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer was faster.
        }
    }
}
