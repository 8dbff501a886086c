using System.Net.Sockets;

namespace VoiceCarnival.Sockets;

/// <summary>
/// A connected socket on a <see cref="SocketLoop"/>. What goes on from a read or a write does so on the loop's thread. It receives only when there is
/// something to receive, and a read of no bytes waits for that without a system call or a buffer.
/// </summary>
/// <remarks>One reads and one writes at a time; any thread may dispose.</remarks>
public sealed class LoopStream : DuplexStream
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly int _handle;
    private readonly SocketLoop _loop;
    private readonly long _place;
    private readonly LoopWait<Memory<byte>> _reading;
    private readonly LoopWait<ReadOnlyMemory<byte>> _writing;
    private ReadOnlyMemory<byte> _unread;
    private bool _isReadable;
    private bool _isWaitingInLine; // for a loop's thread that has others to serve first
    private bool _isHungUp; // the loop has told of the end: what is left is read up to it
    private bool _isOver; // and nothing is left
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
        _reading = new(_gate);
        _writing = new(_gate);
        _socket = socket;
        socket.Blocking = false;
        _handle = (int)socket.SafeHandle.DangerousGetHandle();
        _loop = loop;
        // What there is to read by now is told as well.
        lock (_gate)
            _place = loop.Add(this, _handle);
    }

    /// <summary>
    /// The peer has closed its side, or the connection broke, and all that came before was read: what is told of the end does not lose what was said before it.
    /// Comes once, from a thread of the pool, and at once when nothing was left to be read.
    /// </summary>
    public Action? HungUp
    {
        get;
        set
        {
            lock (_gate)
            {
                field = value;
                if (_isOver)
                    TellHungUp();
            }
        }
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
            if (_isReadable && MayRead())
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
            if (_reading.IsUnderWay)
                return ValueTask.FromException<int>(new InvalidOperationException("A read is under way."));
            return new ValueTask<int>(_reading, _reading.Begin(buffer, cancellationToken));
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
            if (_writing.IsUnderWay)
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

            return new ValueTask(_writing, _writing.Begin(buffer, cancellationToken));
        }
    }

    /// <summary>Writes what the system takes at once.</summary>
    /// <exception cref="IOException">It did not take all.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ReadOnlyMemory<byte> rest = buffer.AsMemory(offset, count);
        lock (_gate)
        {
            if (_isClosed || _writing.IsUnderWay || !TrySend(ref rest))
                throw new IOException("Nothing may block the loop's thread.");
        }
    }

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
        int received = 0;
        IOException? readFailure = null, writeFailure = null;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isHungUp |= isEnd;
            if (isEnd || (events & Epoll.In) != 0)
            {
                _isReadable = true;
                if (_reading.IsUnderWay)
                    hasRead = FinishRead(out received, out readFailure);
                if (isEnd)
                    LookForEnd();
            }

            if ((events & (Epoll.Out | Epoll.HungUp | Epoll.Error)) != 0)
            {
                _wasWritable = true;
                if (_writing.IsUnderWay)
                    hasWritten = FinishWrite(out writeFailure);
            }
        }

        if (hasWritten)
            _writing.Complete(0, writeFailure);
        if (hasRead)
            _reading.Complete(received, readFailure);
    }

    /// <summary>From a loop's thread, which had others to serve before it let a read go on: see <see cref="SocketLoop.MayRead"/>.</summary>
    internal void OnAgain()
    {
        bool hasRead;
        int received = 0;
        IOException? failure = null;
        lock (_gate)
        {
            _isWaitingInLine = false;
            hasRead = _isReadable && _reading.IsUnderWay && FinishRead(out received, out failure);
        }

        if (hasRead)
            _reading.Complete(received, failure);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close(isAbortive: false);
        base.Dispose(disposing);
    }

    private ValueTask WritableAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _wasWritable ? ValueTask.CompletedTask : new ValueTask(_writing, _writing.Begin(default, cancellationToken));
    }

    private static IOException Closed() => new("The connection is closed.");

    // Under the lock, as are the following.
    private bool MayRead()
    {
        if (!_isWaitingInLine)
            _isWaitingInLine = !SocketLoop.MayRead(this);
        return !_isWaitingInLine;
    }

    // Null when there is nothing to receive now.
    private int? TryReceive(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int? received = Epoll.Receive(_handle, buffer);
        // Less than there was room for is all there was: the loop tells when there is more, except of the end, which it has told.
        _isReadable = received == buffer.Length || _isHungUp;
        if (_isHungUp)
            LookForEnd();
        return received;
    }

    // Also while nobody reads: who serves a request wants to know that nobody waits for it.
    private void LookForEnd()
    {
        if (_isOver || _socket.Available > 0)
            return;
        _isOver = true;
        TellHungUp();
    }

    private void TellHungUp()
    {
        if (HungUp is { } hungUp)
            ThreadPool.UnsafeQueueUserWorkItem(static hungUp => hungUp(), hungUp, preferLocal: false);
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
            if (TryReceive(_reading.Buffer.Span) is not { } bytes)
                return false;
            received = bytes;
        }
        catch (IOException exception)
        {
            failure = exception;
        }

        _reading.End();
        return true;
    }

    private bool FinishWrite(out IOException? failure)
    {
        failure = null;
        try
        {
            if (!TrySend(ref _writing.Buffer))
                return false;
        }
        catch (IOException exception)
        {
            failure = exception;
        }

        _writing.End();
        return true;
    }

    private void Close(bool isAbortive)
    {
        bool wasReading, wasWriting;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            (wasReading, wasWriting) = (_reading.IsUnderWay, _writing.IsUnderWay);
            _reading.End();
            _writing.End();
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
            ThreadPool.UnsafeQueueUserWorkItem(static stream => stream._reading.Complete(0, Closed()), this, preferLocal: false);
        if (wasWriting)
            ThreadPool.UnsafeQueueUserWorkItem(static stream => stream._writing.Complete(0, Closed()), this, preferLocal: false);
    }

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
