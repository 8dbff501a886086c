using System.Buffers;
using System.IO.Pipelines;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.Transports.Listening;

/// <summary>Pipes for HTTP straight over the socket: nothing runs between, and a connection that waits holds no buffer.</summary>
internal sealed class LoopDuplexPipe(LoopStream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = new LoopPipeWriter(stream);

    /// <summary>
    /// The socket without the pipes, for what follows HTTP. What the pipe had read ahead comes first. That the peer hung up is seen by whoever reads from now
    /// on: HTTP, told of it, would close the socket under what is still written.
    /// </summary>
    public LoopStream TakeStream()
    {
        stream.HungUp = null;
        if (Input.TryRead(out var ahead))
        {
            if (!ahead.Buffer.IsEmpty)
                stream.Unread(ahead.Buffer.ToArray());
            Input.AdvanceTo(ahead.Buffer.End);
        }

        return stream;
    }
}
