using System.IO.Pipelines;

namespace VoiceCarnival.Transports.Listening;

/// <summary>
/// The way out of a connection for HTTP. That the connection broke is told by a completed flush, as pipes tell that nobody reads any more: what HTTP expects, and no
/// failure of its own to be logged.
/// </summary>
internal sealed class LoopPipeWriter(Stream stream) : PipeWriter
{
    private readonly PipeWriter _inner = Create(stream, new StreamPipeWriterOptions(minimumBufferSize: 4096, leaveOpen: true));

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => _inner.CanGetUnflushedBytes;

    /// <inheritdoc/>
    public override long UnflushedBytes => _inner.UnflushedBytes;

    /// <inheritdoc/>
    public override void Advance(int bytes) => _inner.Advance(bytes);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void CancelPendingFlush() => _inner.CancelPendingFlush();

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => OrCompleted(_inner.FlushAsync(cancellationToken));

    /// <inheritdoc/>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        OrCompleted(_inner.WriteAsync(source, cancellationToken));

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        try
        {
            _inner.Complete(exception);
        }
        catch (IOException)
        {
            // What was left has nowhere to go.
        }
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        try
        {
            await _inner.CompleteAsync(exception);
        }
        catch (IOException)
        {
            // As above.
        }
    }

    private static ValueTask<FlushResult> OrCompleted(ValueTask<FlushResult> flush)
    {
        return flush.IsCompletedSuccessfully ? flush : WaitAsync(flush);

        static async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
        {
            try
            {
                return await flush;
            }
            catch (IOException)
            {
                return new FlushResult(isCanceled: false, isCompleted: true);
            }
        }
    }
}
