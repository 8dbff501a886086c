namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>
/// All transactions of a user agent (RFC 3261, section 17): finds the one that a message belongs to, and lets time pass for each. Takes what they send into a
/// queue. Not thread-safe.
/// </summary>
public sealed class SipTransactions(SipTimers timers) : ISipTransactionOutput
{
    private readonly Dictionary<string, ClientTransaction> _clients = [];
    private readonly Dictionary<string, ServerTransaction> _servers = [];
    private readonly DeadlineQueue<SipTransaction> _deadlines = new();
    private readonly Queue<SipTransmit> _transmits = new();

    /// <summary>How many there are.</summary>
    public int Count => _clients.Count + _servers.Count;

    /// <summary>Some request of ours has no final answer yet.</summary>
    public bool AwaitsAnswers => _clients.Values.Any(client => client.State is SipTransactionState.Trying or SipTransactionState.Proceeding);

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for. May be too early.</summary>
    public TimeSpan? NextDeadline => _deadlines.Next;

    /// <summary>Takes the next message to be sent.</summary>
    public bool TryTakeTransmit(out SipTransmit transmit) => _transmits.TryDequeue(out transmit);

    /// <summary>Sends a message outside of any transaction: an ACK of a 2xx, an answer without state.</summary>
    public void Send(SipTransmit transmit) => _transmits.Enqueue(transmit);

    /// <summary>Sends a request, and again until it is answered.</summary>
    public ClientTransaction Request(SipMessage request, SipTarget target, ISipClientUser user, TimeSpan now)
    {
        ClientTransaction transaction = request.Method == SipMethod.Invite
            ? new InviteClientTransaction(request, target, timers, this, user, now)
            : new NonInviteClientTransaction(request, target, timers, this, user, now);
        _clients[transaction.Key] = transaction;
        Update(transaction);
        return transaction;
    }

    /// <summary>An INVITE of ours was taken back, or its call is over: its answer is not waited for without end.</summary>
    public void GiveUp(ClientTransaction? invite, TimeSpan now)
    {
        if (invite is not InviteClientTransaction { IsTerminated: false } known)
            return;
        known.GiveUp(now);
        Update(known);
    }

    /// <summary>Begins to answer an INVITE.</summary>
    /// <param name="request">The INVITE; it is kept, so its bytes must be its own.</param>
    /// <param name="target">Where answers go.</param>
    /// <param name="trying">The response 100, for when the answer takes long.</param>
    /// <param name="now">The caller's clock.</param>
    public InviteServerTransaction Accept(SipMessage request, SipTarget target, byte[] trying, TimeSpan now)
    {
        var transaction = new InviteServerTransaction(request, target, timers, this, trying, now);
        _servers[transaction.Key] = transaction;
        Update(transaction);
        return transaction;
    }

    /// <summary>Begins to answer another request.</summary>
    /// <param name="request">The request; it is kept, so its bytes must be its own.</param>
    /// <param name="target">Where answers go.</param>
    public NonInviteServerTransaction Accept(SipMessage request, SipTarget target)
    {
        var transaction = new NonInviteServerTransaction(request, target, timers, this);
        _servers[transaction.Key] = transaction;
        return transaction;
    }

    /// <summary>Sends a response in a transaction.</summary>
    public void Respond(ServerTransaction transaction, int status, byte[] response, TimeSpan now)
    {
        transaction.Respond(status, response, now);
        Update(transaction);
    }

    /// <summary>Looks for the transaction that a response belongs to, and gives it the response.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryReceiveResponse(SipMessage response, TimeSpan now)
    {
        if (!_clients.TryGetValue(ClientTransaction.KeyOf(response.TopVia, response.CSeq.MethodName), out var transaction))
            return false;
        transaction.Receive(response, now);
        Update(transaction);
        return true;
    }

    /// <summary>Looks for the transaction that a request is a copy of, or the acknowledgement of a refusal for, and gives it the request.</summary>
    /// <returns>False when the request is new.</returns>
    public bool TryReceiveRequest(SipMessage request, TimeSpan now)
    {
        bool isAck = request.Method == SipMethod.Ack;
        if (!_servers.TryGetValue(ServerTransaction.KeyOf(request, isAck ? SipMethod.Invite : request.Method), out var transaction))
            return false;
        // The ACK of a 2xx has a branch of its own and never comes here, except from peers of RFC 2543, where it is for the dialog.
        if (isAck && transaction.State == SipTransactionState.Accepted)
            return false;
        if (isAck)
            (transaction as InviteServerTransaction)?.ReceiveAck(now);
        else
            transaction.ReceiveAgain(now);
        Update(transaction);
        return true;
    }

    /// <summary>The INVITE that a CANCEL takes back (section 9.2); null when there is none.</summary>
    public InviteServerTransaction? FindInvite(SipMessage cancel) =>
        _servers.GetValueOrDefault(ServerTransaction.KeyOf(cancel, SipMethod.Invite)) as InviteServerTransaction;

    /// <summary>A message could not be sent.</summary>
    public void OnSendFailed(SipTransmit transmit, TimeSpan now)
    {
        if (transmit.Transaction is not { } transaction)
            return;
        transaction.OnSendFailed(now);
        Update(transaction);
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        while (_deadlines.TryTake(now, out var transaction))
        {
            transaction.AdvanceTo(now);
            Update(transaction);
        }
    }

    private void Update(SipTransaction transaction)
    {
        if (!transaction.IsTerminated)
        {
            _deadlines.Update(transaction);
            return;
        }

        _deadlines.Remove(transaction);
        if (transaction is ClientTransaction client)
            Remove(_clients, client);
        else if (transaction is ServerTransaction server)
            Remove(_servers, server);
    }

    private static void Remove<T>(Dictionary<string, T> transactions, T transaction)
        where T : SipTransaction
    {
        if (transactions.TryGetValue(transaction.Key, out var found) && ReferenceEquals(found, transaction))
            transactions.Remove(transaction.Key);
    }
}
