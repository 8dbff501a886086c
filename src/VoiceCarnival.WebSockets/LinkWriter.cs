using System.Runtime.CompilerServices;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// The sending half of a line. Whoever adds a frame to an idle line writes it at once on its own thread; frames that come during a write leave
/// together after it. Any thread may call; nothing here waits, and nothing is called back under the lock.
/// </summary>
/// <param name="stream">Where frames go. Any exception of it, of whatever type, breaks the line.</param>
/// <param name="role">Which end we are.</param>
/// <param name="limits">What the line may use.</param>
/// <param name="time">The clock of the write's deadline.</param>
/// <param name="onRoom">What waited has gone out, after <see cref="Send"/> was false.</param>
/// <param name="onBroken">The line is given up; comes once, from a thread of the pool. Must not throw.</param>
internal sealed class LinkWriter(Stream stream, WebSocketRole role, WebSocketLimits limits, TimeProvider time, Action onRoom, Action onBroken) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OutgoingFrames _frames = new(role);
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _flushed;
    private Action? _onWritten;
    private ValueTaskAwaiter _write;
    private bool _isWriting;
    private bool _isSealed;
    private bool _isBroken;
    private bool _wantsRoom;
    private int _long;
    private long _writeStarted;
    private DeliveryProofs? _proofs;
    private OutgoingFrames? _late; // what came between the line's end and the owner's hearing of it

    /// <summary>Completes when the line is broken or disposed of: nothing is written any more.</summary>
    public Task Broken => _broken.Task;

    /// <summary>The line was given up because the peer did not read.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Bytes that wait to be written.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return _frames.Pending;
        }
    }

    /// <summary>Bytes in memory: those that wait, and those that are kept.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
                return _frames.Held;
        }
    }

    /// <summary>Where what is sent ends by now, for <see cref="HasWritten"/>.</summary>
    public long End
    {
        get
        {
            lock (_gate)
                return _frames.Added;
        }
    }

    /// <summary>True when all up to there has been written.</summary>
    public bool HasWritten(long end)
    {
        lock (_gate)
            return _frames.Written >= end;
    }

    /// <summary>Writes what was added and not sent.</summary>
    public void SendAdded()
    {
        lock (_gate)
        {
            if (!_isWriting && !_isBroken)
                Write();
        }
    }

    /// <summary>Adds a frame.</summary>
    /// <returns>False when more waits than the soft limit.</returns>
    public bool Send<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct => Add(opcode, payload, isSent: true);

    /// <summary>Adds a frame that leaves together with what comes next, or with <see cref="SendAdded"/>.</summary>
    public void Add<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct => Add(opcode, payload, isSent: false);

    private bool Add<TPayload>(Opcode opcode, TPayload payload, bool isSent)
        where TPayload : IFramePayload, allows ref struct
    {
        lock (_gate)
        {
            if (_isSealed)
                return !TryKeepLate(opcode, payload); // the line is closing; nobody will read it
            if (!HasRoomFor(payload.Length))
            {
                BreakAsTooSlow();
                return true;
            }

            _frames.Add(opcode, payload);
            if (opcode <= Opcode.Binary && _proofs is { } proofs && proofs.IsDue(_frames.Added, time.GetTimestamp()))
                AskForProof(proofs);
            if (isSent && !_isWriting)
                Write();
            if (_frames.Held <= limits.SoftLimit || _isBroken)
                return true;
            _wantsRoom = true;
            return false;
        }
    }

    // The limit is on what piles up unread. One message may be longer than it, such as an item with all its audio: it has its own length on top until it has been read.
    private bool HasRoomFor(int length)
    {
        if (_frames.Held <= limits.SoftLimit)
        {
            _long = length > limits.HardLimit ? length : 0;
            return true;
        }

        return _frames.Held + (long)length <= limits.HardLimit + (long)_long;
    }

    /// <summary>Adds the line's last frame; what is added later is dropped.</summary>
    public void SendLast<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        lock (_gate)
        {
            Send(opcode, payload);
            _isSealed = true;
        }
    }

    /// <summary>Completes when all that was added has been written, or never will be.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (_isBroken || !_isWriting)
                return Task.CompletedTask;
            _flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _flushed.Task;
        }
    }

    /// <summary>Gives the line up when a write has been stuck for too long.</summary>
    public void Check(long now)
    {
        lock (_gate)
        {
            if (_isWriting && time.GetElapsedTime(_writeStarted, now) > limits.WriteTimeout)
                BreakAsTooSlow();
        }
    }

    /// <summary>Keeps what is sent from now on until <see cref="TryProve"/>, and asks for the proof now and then.</summary>
    public void Keep()
    {
        if (role == WebSocketRole.Client)
            throw new NotSupportedException("What a client sends is masked where it lies.");
        lock (_gate)
        {
            if (_isBroken || _frames.IsKeeping)
                return;
            _frames.IsKeeping = true;
            _proofs = new DeliveryProofs(limits.ProofInterval, time, _frames.Added);
        }
    }

    /// <summary>Lets go of what the answer to a ping of ours proves to have arrived.</summary>
    /// <returns>False when the ping was none of ours.</returns>
    public bool TryProve(ReadOnlySpan<byte> pong)
    {
        if (_proofs is null)
            return false;
        bool hasRoom;
        lock (_gate)
        {
            if (_proofs is not { } proofs || proofs.Answer(pong) is not { } place)
                return false;
            _frames.Release(place);
            hasRoom = TakeRoom();
        }

        if (hasRoom)
            onRoom();
        return true;
    }

    /// <summary>Looks after what is kept: the last of it wants its proof, too, and a peer that reads and answers no pings is not kept for.</summary>
    /// <param name="now">Timestamp of the look.</param>
    /// <param name="lastHeard">When the peer was heard last.</param>
    /// <param name="isHeldUp">The peer may have answered and we have not read it.</param>
    public void CheckKept(long now, long lastHeard, bool isHeldUp)
    {
        if (_proofs is null)
            return;
        bool hasRoom = false;
        lock (_gate)
        {
            if (_isSealed || _proofs is not { } proofs)
                return;
            if (isHeldUp)
                proofs.WaitFrom(now);
            if (proofs.IsUnansweredAt(lastHeard, limits.PongTimeout))
            {
                StopKeeping();
                hasRoom = TakeRoom();
            }
            else if (_frames.Held > 0 && proofs.IsWanting(_frames.Added))
            {
                AskForProof(proofs);
                if (!_isWriting)
                    Write();
            }
        }

        if (hasRoom)
            onRoom();
    }

    /// <summary>All that was kept and is not proved to have arrived, as frames; nothing more is kept.</summary>
    public byte[] TakeKept()
    {
        lock (_gate)
        {
            byte[] kept = _frames.IsKeeping ? [.. _frames.CopyHeld(), .. _late?.CopyHeld() ?? []] : [];
            StopKeeping();
            if (_isBroken)
                _frames.Dispose();
            return kept;
        }
    }

    /// <summary>Gives the line up.</summary>
    public void Break()
    {
        lock (_gate)
            BreakLocked(tell: true);
    }

    /// <summary>Drops what waits; the stream is not touched any more and nobody is told.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            BreakLocked(tell: false);
            StopKeeping();
            _frames.Dispose();
        }
    }

    // Behind the goodbye, so that it is never written.
    private bool TryKeepLate<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        if (opcode > Opcode.Binary || !_frames.IsKeeping || _frames.Held + (_late?.Held ?? 0) + (long)payload.Length > limits.HardLimit)
            return false;
        _late ??= new OutgoingFrames(role);
        _late.Add(opcode, payload);
        return true;
    }

    private void AskForProof(DeliveryProofs proofs)
    {
        Span<byte> payload = stackalloc byte[DeliveryProofs.PayloadLength];
        proofs.Ask(payload, _frames.Added + FrameHeader.LengthFor(payload.Length, isMasked: false) + payload.Length, time.GetTimestamp());
        _frames.Add(Opcode.Ping, new BytesPayload(payload));
    }

    private void StopKeeping()
    {
        _proofs = null;
        _frames.IsKeeping = false;
        _late?.Dispose();
        _late = null;
    }

    // Under the lock. True when whoever waits for room is to be told.
    private bool TakeRoom()
    {
        bool hasRoom = _wantsRoom && !_isBroken && _frames.Held <= limits.SoftLimit / 2;
        if (hasRoom)
            _wantsRoom = false;
        return hasRoom;
    }

    // Under the lock. Writes until nothing is left or a write does not complete at once.
    private void Write()
    {
        _isWriting = true;
        try
        {
            while (!_isBroken && _frames.TryTake(out var bytes))
            {
                _writeStarted = time.GetTimestamp();
#pragma warning disable CA2012 // The result is taken once, here or in OnWritten.
                var write = stream.WriteAsync(bytes).GetAwaiter();
#pragma warning restore CA2012
                if (!write.IsCompleted)
                {
                    _write = write;
                    write.UnsafeOnCompleted(_onWritten ??= OnWritten);
                    return;
                }

                write.GetResult();
                _frames.Wrote();
            }
        }
        catch (Exception)
        {
            BreakLocked(tell: true);
            return;
        }

        _isWriting = false;
        _flushed?.TrySetResult();
        _flushed = null;
    }

    private void OnWritten()
    {
        // A write that completes as we ask for it may call back from within Write: whoever hears of the room must not do so under our lock, which its
        // callers take before their own as well as after.
        if (_gate.IsHeldByCurrentThread)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.OnWritten(), this, preferLocal: false);
            return;
        }

        bool hasRoom;
        lock (_gate)
        {
            try
            {
                _write.GetResult();
            }
            catch (Exception)
            {
                // Also an exception of a type that no stream should throw: out of here it would end the process.
                BreakLocked(tell: true);
                return;
            }

            _frames.Wrote();
            Write();
            hasRoom = TakeRoom();
        }

        if (hasRoom)
            onRoom();
    }

    private void BreakAsTooSlow()
    {
        if (_isBroken)
            return;
        IsTooSlow = true;
        BreakLocked(tell: true);
    }

    private void BreakLocked(bool tell)
    {
        _isSealed = true;
        if (_isBroken)
            return;
        _isBroken = true;
        if (!_frames.IsKeeping)
            _frames.Dispose();
        _flushed?.TrySetResult();
        _flushed = null;
        _broken.TrySetResult();
        // Not here: whoever waits on the connection may go on in this call, under our lock and its callers'.
        if (tell)
            ThreadPool.UnsafeQueueUserWorkItem(static broken => broken(), onBroken, preferLocal: false);
    }
}
