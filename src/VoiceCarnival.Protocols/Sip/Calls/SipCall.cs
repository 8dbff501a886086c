using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Digest;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>One call, in or out (RFC 3261, sections 12 to 15). What happens to it is told by the user agent's events.</summary>
public sealed partial class SipCall : SipActor, ISipClientUser
{
    private readonly SipPath _path;
    private readonly SipMessage? _first;
    private readonly SipCallRequest? _request;
    private readonly DigestClient? _digest;
    private readonly Dictionary<SipTransaction, OutgoingRequest> _requests = [];
    private readonly Dictionary<string, SipTransmit> _acks = [];
    private SipDialog _dialog;
    private readonly string _contact;
    private bool _peerHasUpdate;
    private bool _isHangUpWanted;
    private bool _isUpdateRefused;
    private TimeSpan? _ringUntil;
    private TimeSpan? _inviteExpires;

    /// <summary>A call to us.</summary>
    internal SipCall(SipUserAgent agent, SipMessage invite, SipPath path, SessionDescription? offer, string? account, SipCall? replaces, TimeSpan now)
        : base(agent)
    {
        _path = _invitePath = path;
        _first = invite;
        IsIncoming = true;
        LocalTag = agent.Secrets.NextToken();
        CallId = invite.CallId;
        _dialog = SipDialog.OfRequest(invite, LocalTag, path);
        _dialog.LocalSequence = (uint)agent.Secrets.NextNumber(1 << 20);
        Caller = SipCaller.Of(invite, path.IsTrusted, account);
        _contact = SipRoute.Contact(path, Caller.Called);
        Offer = offer;
        Replaces = replaces;
        _peerHasUpdate = invite.Lists(SipHeaderName.Allow, "UPDATE"u8);
        _ringUntil = now + agent.Options.RingTimeout;
        _inviteExpires = invite.GetNumber(SipHeaderName.Expires) is { } seconds ? now + TimeSpan.FromSeconds(seconds) : null;
        byte[] trying = SipResponses.Begin(agent.Writer, invite, path, 100, null, null).End();
        _invite = agent.Transactions.Accept(invite, SipUserAgent.Back(invite, path), trying, now);
    }

    /// <summary>A call of ours.</summary>
    internal SipCall(SipUserAgent agent, SipCallRequest request, TimeSpan now)
        : base(agent)
    {
        _request = request;
        _path = _invitePath = request.Path;
        LocalTag = agent.Secrets.NextToken();
        CallId = agent.Secrets.NextToken();
        Media = request.Media;
        string user = SipRoute.UserOf(Encoding.UTF8.GetBytes(request.From));
        Caller = new SipCaller { From = request.From, User = user, Name = request.FromName, Called = request.To };
        string local = request.FromName is { } name ? $"{SipText.Quote(name)} <{request.From}>" : $"<{request.From}>";
        _dialog = SipDialog.ToNewPeer(CallId, LocalTag, local, request.To, _path);
        _dialog.LocalSequence = (uint)agent.Secrets.NextNumber(1 << 20);
        _contact = SipRoute.Contact(_path, user);
        _digest = request.Credentials is { } credentials ? new DigestClient(credentials) : null;
        _ringUntil = now + agent.Options.RingTimeout;
    }

    /// <summary>Somebody called us.</summary>
    public bool IsIncoming { get; }

    /// <summary>How far it is.</summary>
    public SipCallState State { get; private set; }

    /// <summary>What names it on the wire.</summary>
    public string CallId { get; }

    /// <summary>Who calls.</summary>
    public SipCaller Caller { get; }

    /// <summary>How it came, or goes.</summary>
    public SipPath Path => _path;

    /// <summary>The host in the peer's address, as it calls itself or as we call it; empty when it is a telephone number alone.</summary>
    public string PeerDomain => NameAddress.TryParse(Encoding.UTF8.GetBytes(_dialog.RemoteAddress), out var peer) ? peer.Uri.HostText : "";

    /// <summary>The caller's offer; null when he leaves it to us.</summary>
    public SessionDescription? Offer { get; }

    /// <summary>The headers of the INVITE that called us, as they came, less proofs of passwords, and less what only trusted peers may say of a caller; none of a call of ours.</summary>
    public IEnumerable<SipHeader> Headers
    {
        get
        {
            for (int i = 0; IsIncoming && i < _first!.HeaderCount; i++)
            {
                bool isLeftOut = _first.NameAt(i) switch
                {
                    SipHeaderName.Authorization or SipHeaderName.ProxyAuthorization => true,
                    SipHeaderName.PAssertedIdentity or SipHeaderName.RemotePartyId or SipHeaderName.Diversion or SipHeaderName.HistoryInfo => !_path.IsTrusted,
                    _ => false,
                };
                if (!isLeftOut)
                    yield return _first.HeaderAt(i);
            }
        }
    }

    /// <summary>The caller offers audio that is encrypted by keys in the SDP, or by DTLS.</summary>
    public bool OffersEncryption => Offer?.Media.Any(media => media.Kind == "audio" && media.Protocol.Contains("SAVP", StringComparison.Ordinal)) == true;

    /// <summary>The call that it takes the place of, once it is accepted (RFC 3891); null when it does not.</summary>
    public SipCall? Replaces { get; }

    /// <summary>Our side of the audio; null as long as nobody gave it.</summary>
    public AudioNegotiation? Media { get; private set; }

    /// <summary>What was agreed on; null before that.</summary>
    public AudioAgreement? Agreement => Media?.Agreement;

    internal string LocalTag { get; }

    internal string RemoteTag => _dialog.RemoteTag;

    internal string? InitialKey { get; set; }

    private protected override TimeSpan? Deadline
    {
        get
        {
            if (State == SipCallState.Ended)
                return null;
            var next = Earlier(Earlier(_ringUntil, _inviteExpires), Earlier(_ok?.Deadline, _reliable?.Deadline));
            next = Earlier(Earlier(next, _refreshAt), Earlier(_expiresAt, _retryAt));
            return Earlier(next, Earlier(_reinviteUntil, _transferUntil));
        }
    }

    /// <summary>Ends it, whatever its state: refuses, takes back, or hangs up.</summary>
    public void HangUp(TimeSpan now)
    {
        switch (State)
        {
            case SipCallState.Ringing when IsIncoming:
                Refuse(480, now);
                return;
            case SipCallState.Ringing:
                Cancel(now);
                break;
            case SipCallState.Answered when IsIncoming && _ok is not null:
                // Not before the ACK is here (section 15).
                _isHangUpWanted = true;
                break;
            case SipCallState.Answered or SipCallState.Established:
                Leave(new OutgoingRequest(SipMethod.Bye), 200, "Hung up", now);
                break;
        }

        Agent.Update(this);
    }

    internal bool IsOf(SipMessage request) => !IsIncoming && State == SipCallState.Ringing ? _early.ContainsKey(request.FromTag) : request.FromTag == _dialog.RemoteTag;

    internal override void AdvanceTo(TimeSpan now)
    {
        if (State == SipCallState.Ended)
            return;
        if (now >= _ringUntil)
        {
            _ringUntil = null;
            if (IsIncoming)
                Refuse(480, now);
            else
                Cancel(now);
        }

        if (now >= _inviteExpires)
        {
            _inviteExpires = null;
            Refuse(487, now);
        }

        AdvanceAnswer(now);
        AdvanceSession(now);
        AdvanceTransfer(now);
    }

    /// <summary>Something failed that the call cannot go on without.</summary>
    private void Break(int status, TimeSpan now)
    {
        if (State is SipCallState.Answered or SipCallState.Established)
            Leave(new OutgoingRequest(SipMethod.Bye), status, SipResponses.Reason(status), now);
        else
            End(status, SipResponses.Reason(status), now);
    }

    private void Leave(OutgoingRequest bye, int status, string reason, TimeSpan now)
    {
        try
        {
            Send(bye, now);
        }
        catch (ArgumentException)
        {
            // What the peer makes us carry does not fit into a request. It has brought that on itself; the call is over without it.
        }

        End(status, reason, now);
    }

    private void End(int status, string reason, TimeSpan now)
    {
        if (State == SipCallState.Ended)
            return;
        State = SipCallState.Ended;
        Agent.Transactions.GiveUp(_client, now);
        Agent.Transactions.GiveUp(_reinvite, now);
        Agent.Forget(this, IsIncoming ? _path.Remote.Address : null);
        Agent.Emit(new SipEvent(SipEventKind.Ended, this, status, reason));
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
