using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <content>What we ask of the peer within the call, and what it answers (RFC 3261, section 12.2.1).</content>
public sealed partial class SipCall
{
    // An agent presses 64 keys at a time.
    private const int MostUnacknowledged = 64;
    private readonly Queue<OutgoingRequest> _unacknowledged = [];

    /// <summary>Sends INFO with a body, such as <c>application/dtmf-relay</c>.</summary>
    /// <returns>False when the call is not answered, or too much waits for its acknowledgement.</returns>
    public bool SendInfo(string contentType, byte[] body, TimeSpan now) =>
        SipText.IsSafe(contentType) && SendOnceAcknowledged(new OutgoingRequest(SipMethod.Info) { ContentType = contentType, Body = body }, now);

    /// <summary>Sends a request within the call; where our 200 is not acknowledged yet, once it is: until then the peer, or a proxy, may not know of the call.</summary>
    private bool SendOnceAcknowledged(OutgoingRequest request, TimeSpan now)
    {
        if (State is not (SipCallState.Answered or SipCallState.Established) || _unacknowledged.Count >= MostUnacknowledged)
            return false;
        if (State == SipCallState.Answered)
            _unacknowledged.Enqueue(request);
        else
            Send(request, now);
        return true;
    }

    private void OnAcknowledged(TimeSpan now)
    {
        while (_unacknowledged.TryDequeue(out var request))
            Send(request, now);
    }

    /// <summary>Sends a request within the call.</summary>
    private void Send(OutgoingRequest request, TimeSpan now)
    {
        var dialog = request.Dialog ?? _dialog;
        var message = Write(dialog, request, ++_dialog.LocalSequence);
        var transaction = Agent.Transactions.Request(message, dialog.NextHop(), this, now);
        _requests[transaction] = request;
    }

    private SipMessage Write(SipDialog dialog, OutgoingRequest request, uint sequence)
    {
        var writer = Agent.Writer;
        dialog.BeginRequest(writer, request.Method, sequence, Agent.NextBranch());
        if (request.Method is SipMethod.Invite or SipMethod.Update or SipMethod.Refer or SipMethod.Notify)
            writer.Header(SipHeaderName.Contact, _contact);
        writer.Header(SipHeaderName.UserAgent, Agent.Options.Product);
        foreach (var (name, value) in request.Headers)
            writer.Header(name, value);
        if (request.Method == SipMethod.Invite && _request is not null)
            writer.Headers(_request.Headers);
        foreach (var (name, value) in _digest?.Authorize(request.Method.Name(), dialog.RequestUri, Agent.Secrets.NextToken()) ?? [])
            writer.Header(name, value);
        return Reread(writer.End(request.ContentType, request.Body));
    }

    private static SipMessage Reread(byte[] bytes) => SipMessage.TryRead(bytes, out var message, out var fault)
        ? message
        : throw new ArgumentException($"What was written cannot be read: {fault.Reason}.", nameof(bytes));

    void ISipClientUser.OnResponse(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        if (_requests.TryGetValue(transaction, out var request))
            OnResponse(transaction, request, response, now);
        else if (transaction.Request.Method == SipMethod.Invite)
            OnInviteResponse(transaction, response, now);
        if (response.Status >= 200)
            _requests.Remove(transaction);
        Agent.Update(this);
    }

    void ISipClientUser.OnFailed(SipTransaction transaction, int status, TimeSpan now)
    {
        bool isKnown = _requests.Remove(transaction, out var request);
        if (State == SipCallState.Ended)
            return;
        if (!isKnown && transaction == _client && State == SipCallState.Ringing)
            End(status, SipResponses.Reason(status), now);
        else if (request is { Method: SipMethod.Prack or SipMethod.Notify })
            Agent.Update(this);
        else if (isKnown || transaction == _reinvite)
            // The peer is not there any more (section 12.2.1.2).
            Break(status, now);
    }

    private void OnResponse(SipTransaction transaction, OutgoingRequest request, SipMessage response, TimeSpan now)
    {
        if (response.Status < 200)
            return;
        if (response.Status < 300)
            _digest?.OnAccepted();
        if (response.Status is 401 or 407 && request.Attempts++ < 3 && _digest?.TryTake(response) == true && (State != SipCallState.Ended || request.Method == SipMethod.Bye))
        {
            Send(request, now);
            return;
        }

        if (State == SipCallState.Ended)
            return;
        switch (request.Method)
        {
            case SipMethod.Update when response.Status < 300:
                _dialog.Refresh(response);
                _reinviteAttempts = 0;
                OnRefreshed(response, now);
                break;
            case SipMethod.Update:
                OnUpdateRefused(response, now);
                break;
            case SipMethod.Refer:
                OnReferAnswered(response, now);
                break;
        }

        // A peer that wants no more notices of a transfer has not lost the call (RFC 5057, section 5.1), and a branch that does not ring any more leaves it to others.
        if (response.Status is 481 or 408 && request.Method is not (SipMethod.Notify or SipMethod.Prack))
            Break(response.Status, now);
        _ = transaction;
    }
}
