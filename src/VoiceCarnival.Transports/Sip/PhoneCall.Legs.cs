using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Transports.Sip;

/// <summary>What the user agent tells of the call's legs: the one that speaks, and the one that is to take its place.</summary>
internal sealed partial class PhoneCall
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>Whether it is one of the two, and not a way that was given up.</summary>
    public bool Has(SipLeg leg) => leg == _leg || leg == _next;

    /// <summary>A call of ours rings, be it on behalf of the peer.</summary>
    public void OnProgress(SipLeg leg, int status, string reason) => Note(leg == _next ? "transferring" : "ringing", status, reason);

    /// <summary>Something was agreed on.</summary>
    public void OnMedia(SipLeg leg, AudioAgreement agreement)
    {
        if (!IsIncoming && leg == _leg && leg.Call.State == SipCallState.Ringing)
            Note("early_media", 183, "Session Progress");
        Post(() => ApplyAsync(leg, agreement));
    }

    /// <summary>Both sides talk.</summary>
    public void OnEstablished(SipLeg leg)
    {
        if (leg == _next)
        {
            _leg?.Call.ReportTransfer(200, _calls.Server!.Time);
            Note("answered", 200, "OK");
            Post(() => MoveAsync(leg));
            return;
        }

        Note("answered", 200, "OK");
        if (!IsIncoming)
            Post(GreetAsync);
    }

    /// <summary>A leg is over.</summary>
    public void OnEnded(SipLeg leg, int status, string reason)
    {
        if (leg == _next)
        {
            _leg?.Call.ReportTransfer(status < 300 ? 487 : status, _calls.Server!.Time);
            _next = null;
            Post(() => leg.CloseAsync(null));
            if (_leg is { Call.State: SipCallState.Ended } gone)
                Finish(gone, status, reason);
            else if (!leg.Call.IsIncoming)
                NoteFailedTransfer(status, reason);
        }
        else if (leg == _leg && _next is { Call: { IsIncoming: false, State: not SipCallState.Ended } })
        {
            // Handed over and gone, before the other has answered: the session waits for him.
            leg.GiveUp();
            Post(() => leg.CloseAsync(null));
        }
        else if (leg == _leg && _next is { Call.State: SipCallState.Answered or SipCallState.Established } next && next.Call.Replaces == leg.Call)
        {
            // Taken over by the call that was accepted in its place.
            (_leg, _next) = (next, null);
            leg.GiveUp();
            Post(() => leg.CloseAsync(null));
        }
        else if (leg == _leg)
        {
            Finish(leg, status, reason);
        }
        else
        {
            Post(() => leg.CloseAsync(null));
        }
    }

    private void Finish(SipLeg leg, int status, string reason)
    {
        Note("ended", status, reason, isLast: true);
        Hosted?.Abandon();
        Post(() => EndAsync(leg));
    }

    /// <summary>A key by INFO.</summary>
    public void OnInfo(SipLeg leg, string type, ReadOnlyMemory<byte> body)
    {
        if (KeypadInfo.Read(type, body.Span) is { } key)
            Post(() => Press(leg, key));

        static Task Press(SipLeg leg, char key)
        {
            leg.Connection?.PressKey(key);
            return Task.CompletedTask;
        }
    }

    /// <summary>Another way is tried after one that failed.</summary>
    public void Replace(SipLeg failed, SipLeg leg)
    {
        Post(() => failed.CloseAsync(null));
        if (failed == _next)
            Follow(leg);
        else
            Take(leg);
    }

    /// <summary>Another call is to take the place of this one: one that the peer asked us to make, or one that came with <c>Replaces</c>.</summary>
    /// <returns>False when there is one already.</returns>
    public bool TryFollow(SipLeg leg)
    {
        if (!MayFollow)
            return false;
        Follow(leg);
        return true;
    }

    /// <summary>The peer asked us to call somebody else, and that is under way.</summary>
    public void Follow(SipLeg leg)
    {
        _next = leg;
        if (!leg.Call.IsIncoming)
            Note("transferring", 100, "Trying");
        AddId(leg.Call.CallId);
    }

    /// <summary>Whether no other call is about to take this one's place.</summary>
    public bool MayFollow => !_isOver && _next is null && _leg is not null;

    // The session goes on with whom the peer handed it to.
    private async Task MoveAsync(SipLeg leg)
    {
        SipLeg? former = null;
        _calls.Server!.Do((_, now) =>
        {
            // Whoever has hung up meanwhile takes nobody's place: nothing would end a call that only he were in.
            if (leg == _next && _leg is { } current)
                (former, _leg, _next) = (current, leg, null);
            else
                leg.Call.HangUp(now);
        });
        if (former is null)
            return;
        if (leg.Call.Agreement is not { } agreement || _session is not { } session || leg.Apply(agreement, session, this, _calls) is not { } connection)
            return;
        former.GiveUp();
        Connect(session, leg, connection);
        await former.CloseAsync(null);
        _ = SeeOffAsync(former);
    }

    // Whoever handed us over hangs up when he hears that it worked; one who does not must not keep a call for ever.
    private async Task SeeOffAsync(SipLeg former)
    {
        await Task.Delay(Farewell, _calls.Time);
        _calls.Server!.Do((_, now) => former.Call.HangUp(now));
    }
}
