using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Power over a phone call: that of the API, and that of the agent's tools.</summary>
internal sealed partial class PhoneCall : ICallControl
{
    private string? _transferCallId;

    /// <inheritdoc/>
    public async ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken) =>
        Hosted is not { } decision ? NotRinging
            // As OpenAI's schema has it, so that an application that works here works there.
            : session.ValueKind != JsonValueKind.Object || !session.TryGetProperty("type", out _) ? NoType
            // In its turn: a caller who gives up meanwhile ends it before, or after.
            : await decision.AcceptAsync(() => InTurnAsync(() => AnswerAsync(session, mayAskAgain: true)));

    /// <inheritdoc/>
    public async ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken)
    {
        if (Hosted is not { } decision)
            return NotRinging;
        return await decision.RejectAsync(() => Refuse(_leg!, statusCode));
    }

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) => ValueTask.FromResult(Transfer(targetUri) ? null : NotReferable);

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken)
    {
        HangUp();
        return ValueTask.FromResult<SessionRefusal?>(null);
    }

    /// <summary>The agent did something; it is looked at whether it called one of the phone's functions.</summary>
    public void OnFunctionCall(ReadOnlySpan<byte> utf8Json)
    {
        // The session's lock is held: what follows comes later.
        if (PhoneTools.Read(utf8Json) is { } call && PhoneTools.Of(Agent).Any(tool => (string?)tool["name"] == call.Name))
            Post(() => DoAsync(call.CallId, call.Name, call.Arguments));
    }

    /// <summary>How far a transfer is that was asked of the peer.</summary>
    public void OnTransferProgress(int status, string reason)
    {
        if (status < 300)
            Note("transferring", status, reason, isAskedFor: true);
        else
            NoteFailedTransfer(status, reason);
        if (status < 200 || Interlocked.Exchange(ref _transferCallId, null) is not { } callId)
            return;
        if (status >= 300)
            Post(() => ReplyAsync(callId, $"The transfer failed: {status} {reason}. The caller is still here."));
    }

    private Task<SessionRefusal?> InTurnAsync(Func<Task<SessionRefusal?>> work)
    {
        var done = new TaskCompletionSource<SessionRefusal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(async () =>
        {
            try
            {
                done.SetResult(await work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
                throw;
            }
        });
        return done.Task;
    }

    private async Task DoAsync(string callId, string name, string arguments)
    {
        switch (name)
        {
            case PhoneTools.HangUp:
                _session?.End(new SessionTermination(TerminationKind.CallerClosed, "the agent hung up") { AfterPlayout = true });
                break;
            case PhoneTools.Transfer:
                string to = PhoneTools.Argument(arguments, "to") ?? "";
                if (TargetOf(to) is not { } target)
                {
                    await ReplyAsync(callId, $"Not allowed. Callers may be handed over to: {string.Join(", ", Agent.Transfers)}.");
                    break;
                }

                _transferCallId = callId;
                if (!Transfer(target))
                    await ReplyAsync(callId, "The transfer could not be asked for. The caller is still here.");
                break;
            case PhoneTools.SendDigits:
                string digits = PhoneTools.Argument(arguments, "digits") ?? "";
                await ReplyAsync(callId, Press(digits) ? "The keys are being pressed." : "These are no keys, or too many. Use 0 to 9, *, #, A to D.");
                break;
        }
    }

    private async Task ReplyAsync(string callId, string output)
    {
        if (_session is not { } session)
            return;
        await session.SendOperatorEventAsync(PhoneTools.Output(callId, output), CancellationToken.None);
        await session.SendOperatorEventAsync(Greeting, CancellationToken.None);
    }

    private bool Transfer(string uri)
    {
        bool isAsked = false;
        _calls.Server!.Do((_, now) => isAsked = _leg?.Call.Transfer(uri, null, now) == true);
        if (isAsked)
            Note("transferring", 100, "Trying", isAskedFor: true);
        return isAsked;
    }

    // By RTP where the peer takes keys there, else by INFO.
    private bool Press(string digits)
    {
        if (digits.Length is 0 or > 64 || digits.Any(digit => Protocols.Rtp.TelephoneEvent.CodeOf(digit) is null) || _leg is not { } leg)
            return false;
        if (leg.Connection?.SendDigits(digits) == true)
            return true;
        bool isSent = true;
        _calls.Server!.Do((_, now) =>
        {
            foreach (char digit in digits)
                isSent &= leg.Call.SendInfo(KeypadInfo.Relay, KeypadInfo.Write(char.ToUpperInvariant(digit), 160), now);
        });
        return isSent;
    }

    /// <summary>A destination as the agent names it, as an address; null when it is not allowed.</summary>
    private string? TargetOf(string to)
    {
        to = to.Trim();
        bool isUri = SipTrunks.IsUri(to);
        if (!Agent.Transfers.Exists(allowed => isUri ? new AddressPattern(allowed).MatchesUri(to) : new AddressPattern(allowed).MatchesUser(to)))
            return null;
        if (isUri)
            return to;
        // A bare number is one of the peer's own.
        string target = $"sip:{Uri.EscapeDataString(to).Replace("%2B", "+", StringComparison.Ordinal)}@{_leg?.Call.PeerDomain}";
        return SipTrunks.IsUri(target) ? target : null;
    }

    private static SessionRefusal NotRinging { get; } = new(400, RealtimeError.Invalid("decision_already_made", "This call was accepted or rejected already.", "call_id"));

    private static SessionRefusal NoType { get; } = new(400, RealtimeError.Invalid(RealtimeErrorCodes.MissingRequiredParameter, "Missing required parameter: 'type'.", "type"));

    private static SessionRefusal NotReferable { get; } = new(409, RealtimeError.Invalid("call_not_referable",
        "The call is not answered, or a transfer of it is under way already.", "call_id"));
}
