using Microsoft.Extensions.Logging;
using VoiceCarnival.Transports.WebRtc.Channel;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// What a peer has to tell its owner, in order, one thing at a time, away from the sockets' threads: an engine may take its time over an event, and other calls must not
/// wait for it.
/// </summary>
/// <param name="owner">Who is told.</param>
/// <param name="hasRoom">Called when more messages may come after there were too many.</param>
/// <param name="logger">For defects of the owner.</param>
internal sealed partial class PeerSignals(IPeerOwner owner, Action hasRoom, ILogger logger) : IThreadPoolWorkItem
{
    private const int MostBytes = 256 * 1024;
    // What a message takes here besides its bytes: there may be none, and any number of such.
    private const int Overhead = 128;
    private readonly Lock _gate = new();
    private readonly Queue<Signal> _waiting = new();
    private int _bytes;
    private bool _isRunning;
    private bool _owesRoom;

    /// <summary>False when messages should be left where they are: the owner is behind.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                _owesRoom |= _bytes > MostBytes;
                return _bytes <= MostBytes;
            }
        }
    }

    /// <summary>There is nothing to tell, and nobody is being told.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return !_isRunning;
        }
    }

    /// <summary>The line is safe.</summary>
    public void Secured() => Add(new Signal { IsSecured = true });

    /// <summary>Something of the data channel.</summary>
    public void Channel(in ChannelSignal signal) => Add(new Signal { Channel = signal });

    /// <summary>The peer is gone.</summary>
    public void Ended(PeerEnd end, string? detail) => Add(new Signal { End = end, Detail = detail });

    /// <summary>Something to be done when all that came before has been told.</summary>
    public void Then(Action action) => Add(new Signal { Action = action });

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private void Add(in Signal signal)
    {
        lock (_gate)
        {
            _waiting.Enqueue(signal);
            _bytes += signal.Channel.Payload.Length + Overhead;
            if (_isRunning)
                return;
            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Signal signal;
            bool room;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out signal))
                {
                    _isRunning = false;
                    return;
                }

                _bytes -= signal.Channel.Payload.Length + Overhead;
                room = _owesRoom && _bytes <= MostBytes / 2;
                _owesRoom &= !room;
            }

            try
            {
                await TellAsync(signal).ConfigureAwait(false);
                if (room)
                    hasRoom();
            }
            catch (Exception exception)
            {
                // A defect beyond must cost this call only.
                Log.OwnerFailed(logger, exception);
            }
        }
    }

    private ValueTask TellAsync(in Signal signal)
    {
        if (signal.Action is { } action)
            action();
        else if (signal.IsSecured)
            owner.OnSecured();
        else if (signal.End is { } end)
            owner.OnEnded(end, signal.Detail);
        else if (signal.Channel.Kind == ChannelSignalKind.Message)
            return owner.OnMessageAsync(signal.Channel.Payload);
        else if (signal.Channel.Kind == ChannelSignalKind.Opened)
            owner.OnChannel(signal.Channel.Protocol);
        else if (signal.Channel.Kind == ChannelSignalKind.Room)
            owner.OnRoom();
        return ValueTask.CompletedTask;
    }

    private readonly struct Signal
    {
        public bool IsSecured { get; init; }

        public ChannelSignal Channel { get; init; }

        public PeerEnd? End { get; init; }

        public string? Detail { get; init; }

        public Action? Action { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(4021, LogLevel.Error, "What a WebRTC peer said could not be dealt with")]
        public static partial void OwnerFailed(ILogger logger, Exception exception);
    }
}
