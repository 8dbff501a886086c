using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Digest;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>
/// A SIP user agent (RFC 3261): takes calls, makes them, registers. Messages and time in; messages, events and the next deadline out. Not thread-safe.
/// </summary>
/// <remarks>
/// After each input take all events with <see cref="TryTakeEvent"/> and all messages with <see cref="TryTakeTransmit"/>, and set the alarm to
/// <see cref="NextDeadline"/>. Nothing that is received throws. What is refused before there is a call is refused without keeping anything.
/// </remarks>
public sealed class SipUserAgent
{
    /// <summary>Random bytes that the constructor wants.</summary>
    public const int EntropyLength = SipSecrets.EntropyLength;

    internal const string Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY";
    internal const string Supported = "timer, 100rel, replaces";
    private const string Accept = "application/sdp, application/dtmf-relay, message/sipfrag, multipart/mixed";
    private readonly Dictionary<string, SipCall> _calls = [];
    private readonly Dictionary<string, SipCall> _initial = [];
    private readonly DeadlineQueue<SipActor> _deadlines = new();
    private readonly Queue<SipEvent> _events = new();
    private readonly CallRates _rates;

    /// <summary>Begins.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="entropy"><see cref="EntropyLength"/> bytes of a cryptographic generator.</param>
    public SipUserAgent(SipUserAgentOptions options, ReadOnlySpan<byte> entropy)
    {
        Options = options;
        Secrets = new SipSecrets(entropy);
        Transactions = new SipTransactions(options.Timers);
        _rates = new CallRates(options);
    }

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for. May be too early.</summary>
    public TimeSpan? NextDeadline => SipActor.Earlier(Transactions.NextDeadline, _deadlines.Next);

    /// <summary>The calls that there are.</summary>
    public IReadOnlyCollection<SipCall> Calls => _calls.Values;

    /// <summary>Transactions that are kept, for those who watch.</summary>
    public int TransactionCount => Transactions.Count;

    internal SipUserAgentOptions Options { get; }

    internal SipSecrets Secrets { get; }

    internal SipTransactions Transactions { get; }

    internal SipWriter Writer { get; } = new();

    /// <summary>Takes the next event.</summary>
    public bool TryTakeEvent(out SipEvent next)
    {
        bool isThere = _events.TryDequeue(out var found);
        next = found!;
        return isThere;
    }

    /// <summary>Takes the next message to be sent. When that fails, say so by <see cref="OnSendFailed"/>.</summary>
    public bool TryTakeTransmit(out SipTransmit transmit) => Transactions.TryTakeTransmit(out transmit);

    /// <summary>A message could not be sent.</summary>
    public void OnSendFailed(SipTransmit transmit, TimeSpan now) => Transactions.OnSendFailed(transmit, now);

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        Transactions.AdvanceTo(now);
        while (_deadlines.TryTake(now, out var actor))
        {
            actor.AdvanceTo(now);
            _deadlines.Update(actor);
        }
    }

    /// <summary>Calls somebody.</summary>
    /// <returns>Null when there are as many calls as there may be.</returns>
    /// <exception cref="ArgumentException">An address is no URI that can be called.</exception>
    public SipCall? Call(SipCallRequest request, TimeSpan now)
    {
        foreach (string uri in (ReadOnlySpan<string>)[request.To, request.From])
        {
            if (!SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out var parsed) || parsed.Scheme == SipUriScheme.Other || parsed.Headers.Length > 0)
                throw new ArgumentException("Addresses of a call are SIP or tel URIs without headers.", nameof(request));
        }

        if (!_rates.TryEnter(null, now))
            return null;
        var call = new SipCall(this, request, now);
        _calls.Add(DialogKey(call.CallId, call.LocalTag), call);
        call.SendInvite(now);
        Update(call);
        return call;
    }

    /// <summary>Begins to register, and goes on until it is stopped.</summary>
    public SipRegistration Register(SipRegistrationOptions options, TimeSpan now)
    {
        var registration = new SipRegistration(this, options);
        registration.Start(now);
        Update(registration);
        return registration;
    }

    /// <summary>Receives a message: a datagram, or what a stream was cut into.</summary>
    /// <param name="bytes">Its bytes; they are copied when they are kept.</param>
    /// <param name="path">How it came.</param>
    /// <param name="now">The caller's clock.</param>
    public void Receive(ReadOnlyMemory<byte> bytes, SipPath path, TimeSpan now)
    {
        if (!SipMessage.TryRead(bytes, out var message, out var fault))
        {
            if (fault.Status != 0 && message is { IsRequest: true } && message.Method != SipMethod.Ack && message.TopVia.Host.Length > 0)
                Refuse(message, path, fault.Status, fault.Reason);
        }
        else if (!message.IsRequest)
        {
            message.KeepBytes();
            Transactions.TryReceiveResponse(message, now);
        }
        else if (!Transactions.TryReceiveRequest(message, now))
        {
            ReceiveRequest(message, path, now);
        }
    }

    internal static string DialogKey(string callId, string localTag) => $"{callId} {localTag}";

    internal void Emit(SipEvent next) => _events.Enqueue(next);

    internal void Update(SipActor actor) => _deadlines.Update(actor);

    internal void Forget(SipCall call, IPAddress? address)
    {
        if (_calls.Remove(DialogKey(call.CallId, call.LocalTag)))
            _rates.Leave(address);
        if (call.InitialKey is { } key)
            _initial.Remove(key);
    }

    internal string NextBranch() => "z9hG4bK" + Secrets.NextToken();

    /// <summary>A response in a transaction, written by the caller from CSeq on.</summary>
    internal SipWriter BeginResponse(SipMessage request, SipPath path, int status, string? reason, string? toTag) =>
        SipResponses.Begin(Writer, request, path, status, reason, toTag).Header(SipHeaderName.Server, Options.Product);

    /// <summary>Answers without keeping anything: the same request gets the same answer (section 8.2.7).</summary>
    internal void Refuse(SipMessage request, SipPath path, int status, string? reason = null, params ReadOnlySpan<(SipHeaderName Name, string Value)> headers)
    {
        var writer = BeginResponse(request, path, status, reason, Secrets.TokenOf($"{request.CallId} {request.FromTag} {request.TopVia.SentBy}"));
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        Transactions.Send(new SipTransmit(writer.End(), Back(request, path), null));
    }

    /// <summary>Where answers go: to where the request came from, and to the port that was asked for by those whose address is what they say it is.</summary>
    internal static SipTarget Back(SipMessage request, SipPath path)
    {
        var via = request.TopVia;
        var back = path.Back;
        if (path.Transport != SipTransport.Udp || via.Parameters.Has("rport"u8) || Encoding.ASCII.GetString(via.Host) != SipPath.HostOf(path.Remote.Address))
            return back;
        return back with { Port = via.Port ?? path.Transport.DefaultPort() };
    }

    private void ReceiveRequest(SipMessage request, SipPath path, TimeSpan now)
    {
        var call = Find(request);
        if (request.Method == SipMethod.Ack)
        {
            call?.ReceiveAck(request, now);
            Refresh(call);
            return;
        }

        if (request.Method == SipMethod.Cancel)
        {
            ReceiveCancel(request, path, now);
            return;
        }

        // Inspection, in the order of section 8.2.
        if (request.Method == SipMethod.Other)
        {
            Refuse(request, path, 501, null, (SipHeaderName.Allow, Allow));
        }
        else if (!SipUri.TryParse(request.Target, out var uri) || uri.Scheme is SipUriScheme.Other)
        {
            Refuse(request, path, 416);
        }
        else if (UnknownExtensions(request) is { Length: > 0 } unknown)
        {
            Refuse(request, path, 420, null, (SipHeaderName.Unsupported, unknown));
        }
        else if (request.ToTag.Length > 0)
        {
            if (call is null || !call.IsOf(request))
                Refuse(request, path, 481);
            else
                ReceiveInDialog(call, request, path, now);
        }
        else
        {
            ReceiveOutOfDialog(request, path, now);
        }
    }

    private void ReceiveInDialog(SipCall call, SipMessage request, SipPath path, TimeSpan now)
    {
        request.KeepBytes();
        call.ReceiveRequest(request, path, now);
        Refresh(call);
    }

    private void ReceiveCancel(SipMessage request, SipPath path, TimeSpan now)
    {
        if (Transactions.FindInvite(request) is not { } invite)
        {
            Refuse(request, path, 481);
            return;
        }

        request.KeepBytes();
        var call = Find(invite.Request, invite);
        var transaction = Transactions.Accept(request, Back(request, path));
        Transactions.Respond(transaction, 200, BeginResponse(request, path, 200, null, call?.LocalTag ?? Secrets.NextToken()).End(), now);
        call?.ReceiveCancel(invite, now);
        Refresh(call);
    }

    private void ReceiveOutOfDialog(SipMessage request, SipPath path, TimeSpan now)
    {
        switch (request.Method)
        {
            case SipMethod.Options:
                Refuse(request, path, 200, null, (SipHeaderName.Allow, Allow), (SipHeaderName.Accept, Accept), (SipHeaderName.Supported, Supported));
                break;
            case SipMethod.Invite:
                ReceiveInvite(request, path, now);
                break;
            case SipMethod.Bye or SipMethod.Prack or SipMethod.Update or SipMethod.Info or SipMethod.Notify:
                Refuse(request, path, 481);
                break;
            case SipMethod.Refer:
                // Nobody makes us call by a word from outside of a call.
                Refuse(request, path, 603);
                break;
            default:
                Refuse(request, path, 405, null, (SipHeaderName.Allow, Allow));
                break;
        }
    }

    private void ReceiveInvite(SipMessage invite, SipPath path, TimeSpan now)
    {
        // 1. The same call by another way (section 8.2.2.2).
        string initial = $"{invite.CallId} {invite.FromTag} {invite.CSeq.Number}";
        if (_initial.ContainsKey(initial))
        {
            Refuse(invite, path, 482);
            return;
        }

        // 2. Who is it?
        string? account = null;
        if (!path.IsTrusted && Options.Digest is { } digest)
        {
            var outcome = digest.Check(invite, now, out string user);
            if (outcome != DigestOutcome.Accepted)
            {
                var challenges = digest.Challenge(outcome == DigestOutcome.Stale, now).Select(challenge => (SipHeaderName.WwwAuthenticate, challenge)).ToArray();
                Refuse(invite, path, 401, null, challenges);
                return;
            }

            account = user;
        }

        // 3. What is asked for?
        if (Check(invite, path, out var offer, out var replaced) is { } fault)
        {
            if (fault.Status > 0)
                Refuse(invite, path, fault.Status, fault.Reason);
            return;
        }

        // 4. Is there room?
        if (!_rates.TryEnter(path.Remote.Address, now))
        {
            Refuse(invite, path, 503, null, (SipHeaderName.RetryAfter, "5"));
            return;
        }

        invite.KeepBytes();
        var call = new SipCall(this, invite, path, offer, account, replaced, now);
        _calls.Add(DialogKey(call.CallId, call.LocalTag), call);
        _initial[initial] = call;
        call.InitialKey = initial;
        Emit(new SipEvent(SipEventKind.Incoming, call));
        Update(call);
    }

    /// <returns>Null when all is well; a fault without status when it was answered here.</returns>
    private SipFault? Check(SipMessage invite, SipPath path, out SessionDescription? offer, out SipCall? replaced)
    {
        offer = null;
        replaced = null;
        if (!SipBody.IsType(invite.Get(SipHeaderName.ContentDisposition), "session"u8) && invite.Has(SipHeaderName.ContentDisposition) && invite.Body.Length > 0
            && !invite.Get(SipHeaderName.ContentDisposition).EndsWith("handling=optional"u8) && !SipBody.IsType(invite.Get(SipHeaderName.ContentType), "multipart/"u8, isPrefix: true))
            return Answered(415, (SipHeaderName.Accept, Accept));
        if (SipBody.Read(invite, out offer) is { } fault)
            return fault.Status == 415 ? Answered(415, (SipHeaderName.Accept, Accept)) : fault;
        if (invite.Has(SipHeaderName.Accept) && !Accepts(invite))
            return new SipFault(406, SipResponses.Reason(406));
        if (invite.GetNumber(SipHeaderName.SessionExpires) < Options.MinSessionInterval.TotalSeconds)
        {
            string least = ((int)Options.MinSessionInterval.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return invite.Lists(SipHeaderName.Supported, "timer"u8) ? Answered(422, (SipHeaderName.MinSE, least)) : Continue(invite, offer, out replaced);
        }

        return Continue(invite, offer, out replaced);

        SipFault Answered(int status, (SipHeaderName, string) header)
        {
            Refuse(invite, path, status, null, header);
            return SipFault.Drop("Answered");
        }

        SipFault? Continue(SipMessage invite, SessionDescription? offer, out SipCall? replaced)
        {
            replaced = null;
            if (offer is not null && AudioNegotiation.Check(offer, Options.Codecs, Options.Srtp) is not null)
                return Answered(488, (SipHeaderName.Warning, $"305 {path.LocalHost} \"No common codec or transport\""));
            return FindReplaced(invite, ref replaced);
        }
    }

    /// <summary>RFC 3891, section 3.</summary>
    private SipFault? FindReplaced(SipMessage invite, ref SipCall? replaced)
    {
        if (!invite.TryGet(SipHeaderName.Replaces, out var value))
            return null;
        int end = value.IndexOf((byte)';');
        var parameters = new SipParameters(end < 0 ? default : value[end..]);
        string callId = Encoding.Latin1.GetString(SipText.Trim(end < 0 ? value : value[..end]));
        if (!parameters.TryGet("to-tag"u8, out var toTag) || !parameters.TryGet("from-tag"u8, out var fromTag))
            return SipFault.Bad("Malformed Replaces");
        replaced = _calls.GetValueOrDefault(DialogKey(callId, Encoding.Latin1.GetString(toTag)));
        if (replaced is null || replaced.RemoteTag != Encoding.Latin1.GetString(fromTag))
            return new SipFault(481, SipResponses.Reason(481));
        if (parameters.Has("early-only"u8) && replaced.State is SipCallState.Answered or SipCallState.Established)
            return new SipFault(486, SipResponses.Reason(486));
        return replaced.State == SipCallState.Ringing ? new SipFault(481, SipResponses.Reason(481)) : null;
    }

    private static bool Accepts(SipMessage invite)
    {
        bool isEmpty = true;
        foreach (var value in invite.Values(SipHeaderName.Accept))
        {
            isEmpty = false;
            if (SipBody.IsType(value, "application/sdp"u8) || SipBody.IsType(value, "application/*"u8) || SipBody.IsType(value, "*/*"u8))
                return true;
        }

        // An empty Accept takes nothing (section 20.1), but no phone means that.
        return isEmpty;
    }

    private static string UnknownExtensions(SipMessage request)
    {
        var unknown = new List<string>();
        foreach (var value in request.Values(SipHeaderName.Require))
        {
            if (!SipText.EqualsIgnoreCase(value, "timer"u8) && !SipText.EqualsIgnoreCase(value, "100rel"u8) && !SipText.EqualsIgnoreCase(value, "replaces"u8) && SipText.IsToken(value))
                unknown.Add(Encoding.ASCII.GetString(value));
        }

        return string.Join(", ", unknown);
    }

    /// <summary>The call that a request within it belongs to: our tag is in To.</summary>
    private SipCall? Find(SipMessage request) => _calls.GetValueOrDefault(DialogKey(request.CallId, request.ToTag));

    private SipCall? Find(SipMessage invite, InviteServerTransaction transaction)
    {
        if (Find(invite) is { } known)
            return known;
        return _initial.TryGetValue($"{invite.CallId} {invite.FromTag} {invite.CSeq.Number}", out var call) && call.IsAnsweredBy(transaction) ? call : null;
    }

    private void Refresh(SipCall? call)
    {
        if (call is not null)
            Update(call);
    }
}
