using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Changes of a call that is answered: hold, and the refreshes of RFC 4028 in both roles.</summary>
public sealed partial class SipCall
{
    private static readonly TimeSpan LongestSession = TimeSpan.FromDays(1);
    private const int MostAttempts = 4;

    private ClientTransaction? _reinvite;
    private TimeSpan? _reinviteUntil;
    private int _reinviteAttempts;
    private TimeSpan? _retryAt;
    private TimeSpan? _sessionInterval;
    private TimeSpan _leastInterval;
    private bool _isRefresher;
    private bool _isReinviteWanted;
    private TimeSpan? _refreshAt;
    private TimeSpan? _expiresAt;

    /// <summary>Puts the peer on hold, or takes him off it, by a new offer.</summary>
    /// <returns>False when the call is not established.</returns>
    public bool Hold(bool isHeld, TimeSpan now)
    {
        if (State != SipCallState.Established || Media is null)
            return false;
        Media.Wanted = isHeld ? MediaDirection.SendOnly : MediaDirection.SendReceive;
        Reinvite(now);
        Agent.Update(this);
        return true;
    }

    private void Reinvite(TimeSpan now)
    {
        if (_reinvite is not null || _ok is not null || Media!.HasOpenOffer)
        {
            _isReinviteWanted = true;
            _retryAt ??= now + RetryDelay();
            return;
        }

        _isReinviteWanted = false;
        _reinvite = SendInvite(Media.CreateOffer(), now);
    }

    private void OnReinviteResponse(SipMessage response, TimeSpan now)
    {
        if (response.Status < 200)
        {
            // Nobody has to be asked for it, so it does not take for ever.
            _reinviteUntil ??= now + Agent.Options.Timers.Timeout;
            return;
        }

        if (SendAckAgain(_reinvite!, response))
            return;
        _reinviteUntil = null;
        var invite = _reinvite!.Request;
        if (response.Status < 300)
        {
            _dialog.Refresh(response);
            SendAck(_dialog, invite, response);
            if (!Media!.HasOpenOffer || State == SipCallState.Ended)
                return;
            if (SipBody.Read(response, out var answer) is null && answer is not null && Media.TryAccept(answer, out _))
                Agent.Emit(new SipEvent(SipEventKind.Media, this));
            else
                Media.Withdraw();
            _reinviteAttempts = 0;
            OnRefreshed(response, now);
            _reinvite = null;
            return;
        }

        // All stays as it was (RFC 3261, section 14.1).
        _reinvite = null;
        Media!.Withdraw();
        if (State == SipCallState.Ended)
            return;
        if (response.Status is 481 or 408)
        {
            Break(response.Status, now);
        }
        else if (response.Status is 491 or 500 && _reinviteAttempts++ < MostAttempts)
        {
            _isReinviteWanted = true;
            _retryAt = now + RetryDelay();
        }
        else if (_reinviteAttempts++ < MostAttempts && (response.Status is 401 or 407 ? _digest?.TryTake(response) == true : response.Status == 422 && TakeLeastInterval(response)))
        {
            Reinvite(now);
        }
    }

    /// <summary>Glare: who owns the Call-ID waits longer (section 14.1).</summary>
    private TimeSpan RetryDelay() => TimeSpan.FromMilliseconds(IsIncoming ? Agent.Secrets.NextNumber(200) * 10 : 2100 + Agent.Secrets.NextNumber(190) * 10);

    private bool RefusesInterval(SipMessage request) =>
        request.GetNumber(SipHeaderName.SessionExpires) < Agent.Options.MinSessionInterval.TotalSeconds && request.Lists(SipHeaderName.Supported, "timer"u8);

    /// <summary>As whoever is asked (RFC 4028, section 9, table 2).</summary>
    private void NegotiateSession(SipMessage request, List<(SipHeaderName Name, string Value)> headers, TimeSpan now)
    {
        bool peerHasTimer = request.Lists(SipHeaderName.Supported, "timer"u8);
        _peerHasUpdate |= request.Lists(SipHeaderName.Allow, "UPDATE"u8);
        uint? requested = request.GetNumber(SipHeaderName.SessionExpires);
        if (requested is null && !peerHasTimer)
        {
            StopSession();
            return;
        }

        double ours = Math.Min(Math.Max(Agent.Options.SessionInterval.TotalSeconds, request.GetNumber(SipHeaderName.MinSE) ?? 0), LongestSession.TotalSeconds);
        var interval = TimeSpan.FromSeconds(Math.Max(Agent.Options.MinSessionInterval.TotalSeconds, Math.Min(requested ?? ours, ours)));
        string refresher = !peerHasTimer ? "uas" : RefresherOf(request) ?? (requested is null ? "uas" : "uac");
        headers.Add((SipHeaderName.SessionExpires, $"{Number((long)interval.TotalSeconds)};refresher={refresher}"));
        if (peerHasTimer)
            headers.Add((SipHeaderName.Require, "timer"));
        StartSession(interval, isRefresher: refresher == "uas", now);
    }

    /// <summary>As whoever asked: what the answer says holds.</summary>
    private void OnRefreshed(SipMessage response, TimeSpan now)
    {
        if (response.GetNumber(SipHeaderName.SessionExpires) is { } seconds && seconds >= 32)
            StartSession(TimeSpan.FromSeconds(Math.Min(seconds, LongestSession.TotalSeconds)), RefresherOf(response) != "uas", now);
        else
            StopSession();
    }

    private static string? RefresherOf(SipMessage message)
    {
        var value = message.Get(SipHeaderName.SessionExpires);
        int parameters = value.IndexOf((byte)';');
        if (parameters < 0 || !new SipParameters(value[parameters..]).TryGet("refresher"u8, out var refresher))
            return null;
        return SipText.EqualsIgnoreCase(refresher, "uas"u8) ? "uas" : SipText.EqualsIgnoreCase(refresher, "uac"u8) ? "uac" : null;
    }

    private IEnumerable<(SipHeaderName Name, string Value)> SessionHeaders()
    {
        var interval = _sessionInterval ?? Agent.Options.SessionInterval;
        if (interval < _leastInterval)
            interval = _leastInterval;
        // Who refreshes now goes on to do so: in this request we are the one who asks.
        string refresher = _sessionInterval is null ? "" : _isRefresher ? ";refresher=uac" : ";refresher=uas";
        yield return (SipHeaderName.SessionExpires, Number((long)interval.TotalSeconds) + refresher);
        if (_leastInterval > TimeSpan.Zero)
            yield return (SipHeaderName.MinSE, Number((long)_leastInterval.TotalSeconds));
    }

    private bool TakeLeastInterval(SipMessage response)
    {
        if (response.GetNumber(SipHeaderName.MinSE) is not { } seconds || seconds == 0 || seconds > LongestSession.TotalSeconds)
            return false;
        _leastInterval = TimeSpan.FromSeconds(seconds);
        if (_sessionInterval < _leastInterval)
            _sessionInterval = _leastInterval;
        return true;
    }

    private void StartSession(TimeSpan interval, bool isRefresher, TimeSpan now)
    {
        _sessionInterval = interval;
        _isRefresher = isRefresher;
        // Section 10: half-way, or the end a little before the end.
        _refreshAt = isRefresher ? now + interval / 2 : null;
        _expiresAt = now + interval - Shorter(TimeSpan.FromSeconds(32), interval / 3);

        static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }

    private void StopSession()
    {
        _sessionInterval = null;
        _refreshAt = _expiresAt = null;
    }

    private void AdvanceSession(TimeSpan now)
    {
        if (State == SipCallState.Ended)
            return;
        if (now >= _expiresAt)
        {
            _expiresAt = null;
            Leave(new OutgoingRequest(SipMethod.Bye) { Headers = [(SipHeaderName.Reason, "SIP;cause=408;text=\"Session expired\"")] }, 408, "Session expired", now);
            return;
        }

        if (now >= _refreshAt)
        {
            _refreshAt = null;
            _reinviteAttempts = 0;
            RefreshSession(now);
        }

        if (now >= _reinviteUntil)
            GiveUpReinvite(now);

        if (now >= _retryAt)
        {
            _retryAt = null;
            if (_isReinviteWanted)
                Reinvite(now);
            else
                RefreshSession(now);
        }
    }

    // It was heard, and that was all: taken back, so that other offers have their turn. The session's end tells whether anybody is there.
    private void GiveUpReinvite(TimeSpan now)
    {
        var invite = _reinvite!;
        (_reinvite, _reinviteUntil) = (null, null);
        Media!.Withdraw();
        SendCancel(invite, now);
    }

    private void OnUpdateRefused(SipMessage response, TimeSpan now)
    {
        if (response.Status == 422)
        {
            if (_reinviteAttempts++ < MostAttempts && TakeLeastInterval(response))
                RefreshSession(now);
        }
        else if (response.Status is 491 or 500)
        {
            if (_reinviteAttempts++ < MostAttempts)
                _retryAt = now + RetryDelay();
        }
        else if (response.Status is not (401 or 407 or 408 or 481))
        {
            // Whatever its Allow says.
            _isUpdateRefused = true;
            Reinvite(now);
        }
    }

    private void RefreshSession(TimeSpan now)
    {
        if (State is SipCallState.Ended or SipCallState.Ringing)
            return;
        if (!_peerHasUpdate || _isUpdateRefused)
        {
            Reinvite(now);
            return;
        }

        Send(new OutgoingRequest(SipMethod.Update) { Headers = [(SipHeaderName.Supported, SipUserAgent.Supported), .. SessionHeaders()] }, now);
    }
}
