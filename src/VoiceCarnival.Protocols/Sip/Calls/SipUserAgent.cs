using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>
/// A SIP user agent (RFC 3261): takes calls, makes them, registers. Messages and time in; messages, events and the next deadline out. Not thread-safe.
/// </summary>
/// <remarks>
/// After each input take all events with <see cref="TryTakeEvent"/> and all messages with <see cref="TryTakeTransmit"/>, and set the alarm to
/// <see cref="NextDeadline"/>. Nothing that is received throws. What is refused before there is a call is refused without keeping anything.
/// </remarks>
public sealed partial class SipUserAgent
{
    /// <summary>Random bytes that the constructor wants.</summary>
    public const int EntropyLength = SipSecrets.EntropyLength;

    internal const string Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY";
    internal const string Supported = "timer, 100rel, replaces";
    private const string Accept = "application/sdp, application/dtmf-relay, application/dtmf, message/sipfrag, multipart/mixed";
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

    /// <summary>Some request of ours has no final answer yet.</summary>
    public bool AwaitsAnswers => Transactions.AwaitsAnswers;

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
            try
            {
                actor.AdvanceTo(now);
            }
            finally
            {
                // A request that cannot be written costs that request, not all that the actor waits for.
                _deadlines.Update(actor);
            }
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
        try
        {
            call.SendInvite(now);
        }
        catch
        {
            _rates.Leave(null);
            throw;
        }

        _calls.Add(DialogKey(call.CallId, call.LocalTag), call);
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
            // What has more than one went through somebody who should have kept it (section 8.1.3.3).
            if (!message.HasOneVia)
                return;
            message.KeepBytes();
            Transactions.TryReceiveResponse(message, now);
        }
        else if (!Transactions.TryReceiveRequest(message, now))
        {
            ReceiveRequest(message, path, now);
        }
    }

    /// <summary>Takes what came on a stream whose framing is lost: a request is answered with its fault, and nothing else is done.</summary>
    public void ReceiveBroken(ReadOnlyMemory<byte> bytes, SipPath path)
    {
        SipMessage.TryRead(bytes, out var message, out var fault);
        if (message is { IsRequest: true } && message.Method != SipMethod.Ack && message.TopVia.Host.Length > 0 && fault?.Status != 0)
            Refuse(message, path, fault?.Status ?? 400, fault is null ? "Missing Content-Length" : fault.Reason);
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
        _deadlines.Update(call);
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
}
