using System.Text;

namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>A request that we sent.</summary>
public abstract class ClientTransaction : SipTransaction
{
    private bool _isFailed;

    private protected ClientTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, ISipClientUser user)
        : base(request, target, timers, output, KeyOf(request.TopVia, request.CSeq.MethodName)) => User = user;

    private protected ISipClientUser User { get; }

    /// <summary>Receives a response that belongs to it.</summary>
    public abstract void Receive(SipMessage response, TimeSpan now);

    /// <inheritdoc/>
    public override void OnSendFailed(TimeSpan now)
    {
        // Later copies may fail without harm; the first answer decides.
        if (_isFailed || State != SipTransactionState.Trying)
            return;
        _isFailed = true;
        State = SipTransactionState.Terminated;
        User.OnFailed(this, 503, now);
    }

    /// <summary>Section 17.1.3: the branch of the topmost Via, and the method of CSeq, as CANCEL has the INVITE's branch.</summary>
    internal static string KeyOf(Via via, ReadOnlySpan<byte> method) => $"{Encoding.Latin1.GetString(via.Branch)} {Encoding.Latin1.GetString(method)}";
}
