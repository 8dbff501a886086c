using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sip.Digest;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>
/// A registration that is kept (RFC 3261, section 10): refreshed before it runs out, moved to the next registrar when one fails, removed when it is stopped.
/// </summary>
public sealed class SipRegistration : SipActor, ISipClientUser
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private readonly SipRegistrationOptions _options;
    private readonly DigestClient? _digest;
    private readonly string _callId;
    private readonly string _tag;
    private readonly string _user;
    private readonly string _registrarUri;
    private uint _sequence;
    private IReadOnlyList<SipPath> _registrars;
    private IReadOnlyList<SipPath>? _coming;
    private int _registrar;
    private int _failures;
    private int _attempts;
    private TimeSpan _expires;
    private TimeSpan? _next;
    private TimeSpan? _lapses;
    private SipTransaction? _transaction;
    private bool _isStopping;
    private bool _isLeaving;

    internal SipRegistration(SipUserAgent agent, SipRegistrationOptions options)
        : base(agent)
    {
        _options = options;
        _registrars = options.Registrars;
        _expires = options.Expires;
        _callId = agent.Secrets.NextToken();
        _tag = agent.Secrets.NextToken();
        _sequence = (uint)agent.Secrets.NextNumber(1 << 20);
        _digest = options.Credentials is { } credentials ? new DigestClient(credentials) : null;
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(options.Address), out var address) || !address.IsSip)
            throw new ArgumentException("The address is no SIP URI.", nameof(options));
        _user = address.UserText;
        _registrarUri = $"{(address.Scheme == SipUriScheme.Sips ? "sips" : "sip")}:{Encoding.ASCII.GetString(address.Host)}";
    }

    /// <summary>It holds: calls to our address come here.</summary>
    public bool IsRegistered { get; private set; }

    /// <summary>The registrar in use, or to be tried next.</summary>
    public SipPath Registrar => _registrars[_registrar];

    /// <summary>The status of the last answer; 408 when there was none.</summary>
    public int LastStatus { get; private set; }

    private protected override TimeSpan? Deadline => Earlier(_next, _lapses);

    /// <summary>
    /// The registrars are others now, as when a name leads elsewhere. Where it holds it stays until it is refreshed, so that addresses that take turns in a name's answers do not make
    /// one REGISTER after the other; one that waits for its next try begins with them at once.
    /// </summary>
    /// <param name="registrars">As <see cref="SipRegistrationOptions.Registrars"/>; not none.</param>
    /// <param name="now">The caller's clock.</param>
    public void MoveTo(IReadOnlyList<SipPath> registrars, TimeSpan now)
    {
        _coming = registrars;
        if (IsRegistered || _isStopping || _transaction is not null || registrars.Contains(Registrar))
            return;
        _next = now;
        Agent.Update(this);
    }

    /// <summary>Removes the registration, and ends.</summary>
    public void Stop(TimeSpan now)
    {
        _isStopping = true;
        _next = _lapses = null;
        // One that is on its way is taken back when it has arrived.
        if (!IsRegistered)
            return;
        Leave(now);
    }

    internal void Start(TimeSpan now) => Send(now);

    internal override void AdvanceTo(TimeSpan now)
    {
        if (now >= _lapses)
        {
            _lapses = null;
            SetRegistered(false, LastStatus);
        }

        if (now >= _next)
        {
            _next = null;
            _attempts = 0;
            TakeComing();
            Send(now);
        }
    }

    void ISipClientUser.OnFailed(SipTransaction transaction, int status, TimeSpan now)
    {
        if (transaction == _transaction)
            OnFailed(status, null, now);
    }

    void ISipClientUser.OnResponse(SipTransaction transaction, SipMessage response, TimeSpan now)
    {
        if (transaction != _transaction || response.Status < 200)
            return;
        LastStatus = response.Status;
        switch (response.Status)
        {
            case < 300:
                OnAccepted(response, now);
                break;
            case 401 or 407 when _attempts++ < 3 && _digest?.TryTake(response) == true:
                Send(now);
                break;
            case 423 when _attempts++ < 3 && response.GetNumber(SipHeaderName.MinExpires) is { } least && least <= 86_400 && least > _expires.TotalSeconds:
                _expires = TimeSpan.FromSeconds(least);
                Send(now);
                break;
            default:
                OnFailed(response.Status, response.GetNumber(SipHeaderName.RetryAfter), now);
                break;
        }

        Agent.Update(this);
    }

    private void OnAccepted(SipMessage response, TimeSpan now)
    {
        _digest?.OnAccepted();
        _transaction = null;
        _failures = 0;
        if (_isStopping)
        {
            SetRegistered(false, response.Status);
            if (!_isLeaving)
                Leave(now);
            return;
        }

        var granted = TimeSpan.FromSeconds(Math.Clamp(GrantedSeconds(response), 5, 86_400));
        // Early enough for a few tries over a line that loses (RFC 5626, section 4.4 has the same span).
        _next = now + granted * (0.75 + Agent.Secrets.NextNumber(100) * 0.001);
        _lapses = now + granted;
        SetRegistered(true, response.Status);
    }

    /// <summary>What the registrar says of our Contact, of all, or nothing: then what we asked for (section 10.2.4).</summary>
    private double GrantedSeconds(SipMessage response)
    {
        foreach (var value in response.Values(SipHeaderName.Contact))
        {
            if (NameAddress.TryParse(value, out var contact) && contact.Uri.UserText == _user && contact.Uri.HostText == Registrar.LocalHost.Trim('[', ']')
                && (contact.Uri.Port ?? Registrar.Transport.DefaultPort()) == Registrar.Local.Port && contact.Parameters.GetNumber("expires"u8) is { } seconds)
                return seconds;
        }

        return response.GetNumber(SipHeaderName.Expires) ?? _expires.TotalSeconds;
    }

    private void OnFailed(int status, uint? retryAfter, TimeSpan now)
    {
        LastStatus = status;
        _transaction = null;
        if (_isStopping)
        {
            SetRegistered(false, status);
            return;
        }

        // The next one at once; when all have failed, after a while. What is wrong with us will be wrong with all.
        _failures++;
        _registrar = (_registrar + 1) % _registrars.Count;
        bool isRound = _failures % _registrars.Count == 0;
        int rounds = Math.Min(_failures / _registrars.Count, 10);
        var wait = isRound ? _options.RetryAfter * Math.Pow(2, rounds - 1) : TimeSpan.Zero;
        if (isRound && retryAfter is { } seconds && seconds <= 3600)
            wait = TimeSpan.FromSeconds(Math.Max(wait.TotalSeconds, seconds));
        _next = now + (wait > LongestWait ? LongestWait : wait);
        if (IsRegistered && isRound)
            SetRegistered(false, status);
        else if (!IsRegistered)
            Agent.Emit(new SipEvent(SipEventKind.Registration, null, status, SipResponses.Reason(status), default, this));
        Agent.Update(this);
    }

    private void SetRegistered(bool isRegistered, int status)
    {
        if (IsRegistered == isRegistered)
            return;
        IsRegistered = isRegistered;
        if (!isRegistered)
            _lapses = null;
        Agent.Emit(new SipEvent(SipEventKind.Registration, null, status, isRegistered ? "Registered" : SipResponses.Reason(status), default, this));
    }

    // The one in use stays in use when it is still among them.
    private void TakeComing()
    {
        if (_coming is not { } coming)
            return;
        int same = Enumerable.Range(0, coming.Count).FirstOrDefault(i => coming[i] == Registrar);
        (_registrars, _registrar, _coming) = (coming, same, null);
    }

    private void Leave(TimeSpan now)
    {
        _isLeaving = true;
        _attempts = 0;
        Send(now);
    }

    private void Send(TimeSpan now)
    {
        var writer = Agent.Writer.Request(SipMethod.Register, _registrarUri);
        writer.Header(SipHeaderName.Via, SipRoute.Via(Registrar, Agent.NextBranch())).Header(SipHeaderName.MaxForwards, 70);
        writer.Header(SipHeaderName.From, $"<{_options.Address}>;tag={_tag}").Header(SipHeaderName.To, $"<{_options.Address}>").Header(SipHeaderName.CallId, _callId);
        writer.Header(SipHeaderName.CSeq, string.Create(CultureInfo.InvariantCulture, $"{++_sequence} REGISTER"));
        writer.Header(SipHeaderName.Contact, SipRoute.Contact(Registrar, _user)).Header(SipHeaderName.Expires, _isLeaving ? 0 : (long)_expires.TotalSeconds);
        writer.Header(SipHeaderName.Allow, SipUserAgent.Allow).Header(SipHeaderName.UserAgent, Agent.Options.Product);
        foreach (var (name, value) in _digest?.Authorize("REGISTER", _registrarUri, Agent.Secrets.NextToken()) ?? [])
            writer.Header(name, value);
        if (!SipMessage.TryRead(writer.End(), out var message, out var fault))
            throw new InvalidOperationException($"What was written cannot be read: {fault.Reason}.");
        _transaction = Agent.Transactions.Request(message, Registrar.Back, this, now);
    }
}
