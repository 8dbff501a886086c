namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>One request and its answers (RFC 3261, section 17). Messages and time in; messages to a <see cref="ISipTransactionOutput"/> and the next deadline out.</summary>
public abstract class SipTransaction : IHasDeadline
{
    private readonly ISipTransactionOutput _output;
    private SipMessage? _request;

    private protected SipTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, string key)
    {
        _request = request;
        Target = target;
        Timers = timers;
        _output = output;
        Key = key;
    }

    /// <summary>The request that it is about; one that we received as long as it has no final answer, whose copies need that answer only.</summary>
    public SipMessage Request => _request ?? throw new InvalidOperationException("The request was answered.");

    /// <summary>Where its messages go.</summary>
    public SipTarget Target { get; }

    /// <summary>What tells its messages from others'.</summary>
    public string Key { get; }

    /// <summary>How far it is.</summary>
    public SipTransactionState State { get; private protected set; }

    /// <summary>It is over; nothing more comes of it.</summary>
    public bool IsTerminated => State == SipTransactionState.Terminated;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public abstract TimeSpan? NextDeadline { get; }

    QueuedDeadline? IHasDeadline.Queued { get; set; }

    private protected SipTimers Timers { get; }

    private protected bool IsReliable => Target.Transport.IsReliable();

    /// <summary>Lets time pass.</summary>
    public abstract void AdvanceTo(TimeSpan now);

    /// <summary>A message of its could not be sent (section 17.1.4 and 17.2.4).</summary>
    public abstract void OnSendFailed(TimeSpan now);

    private protected void ForgetRequest() => _request = null;

    private protected void Send(ReadOnlyMemory<byte> bytes) => _output.Send(new SipTransmit(bytes, Target, this));
}
