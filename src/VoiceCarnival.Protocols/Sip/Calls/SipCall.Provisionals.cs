using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>What the caller is told before the answer: provisional responses, reliable ones repeated until their PRACK comes (RFC 3262).</summary>
public sealed partial class SipCall
{
    // Provisional responses that are repeated until their PRACK comes (RFC 3262, section 3), one at a time.
    private readonly Queue<(int Status, SessionDescription? Sdp)> _provisionals = new();
    private RepeatedResponse? _reliable;
    private uint _reliableNumber;
    private bool _wasAnswerReliable;

    /// <summary>Tells the caller that it rings: 180.</summary>
    public void Ring(TimeSpan now)
    {
        // The first response that is to be acknowledged would have to bring our offer (RFC 3261, section 13.2.1): the answer brings it.
        if (IsIncoming && State == SipCallState.Ringing && !_isAcceptWanted && !(Offer is null && _invite!.Request.Lists(SipHeaderName.Require, "100rel"u8)))
            Provide(180, null, now);
    }

    /// <summary>Lets the caller hear something before the call is answered: 183 with our audio. Only when he made an offer.</summary>
    /// <returns>False when there is nothing to agree on, or no time for it.</returns>
    public bool Progress(AudioNegotiation media, TimeSpan now)
    {
        if (!IsIncoming || State != SipCallState.Ringing || _isAcceptWanted || Offer is null || Media is not null || !media.TryAnswer(Offer, out var answer, out _))
            return false;
        Media = media;
        _answer = answer;
        Provide(183, answer, now);
        return true;
    }

    private void Provide(int status, SessionDescription? sdp, TimeSpan now)
    {
        var request = _invite!.Request;
        bool isRequired = request.Lists(SipHeaderName.Require, "100rel"u8);
        if (!isRequired && (sdp is null || !request.Lists(SipHeaderName.Supported, "100rel"u8)))
        {
            Respond(_invite, status, null, sdp, [], now);
            return;
        }

        if (_provisionals.Count < 4)
            _provisionals.Enqueue((status, sdp));
        ProvideNext(now);
        Agent.Update(this);
    }

    private void ProvideNext(TimeSpan now)
    {
        if (_reliable is not null || !_provisionals.TryDequeue(out var next))
            return;
        if (_reliableNumber == 0)
            _reliableNumber = (uint)Agent.Secrets.NextNumber(1 << 20);
        _reliableNumber++;
        _wasAnswerReliable |= next.Sdp is not null;
        byte[] response = Respond(_invite!, next.Status, null, next.Sdp, [(SipHeaderName.Require, "100rel"), (SipHeaderName.RSeq, Number(_reliableNumber))], now);
        _reliable = new RepeatedResponse(next.Status, response, Agent.Options.Timers, TimeSpan.MaxValue, now);
    }

    private void AdvanceProvisional(TimeSpan now)
    {
        if (_reliable?.IsOver(now) == true)
        {
            _reliable = null;
            Refuse(504, now);
        }
        else if (_reliable?.IsDue(now) == true)
        {
            Agent.Transactions.Respond(_invite!, _reliable.Status, _reliable.Bytes, now);
        }
    }

    private void ReceivePrack(ServerTransaction transaction, SipPath path, TimeSpan now)
    {
        string expected = _invite is null ? "" : $"{Number(_reliableNumber)} {Number(_invite.Number)} INVITE";
        string stated = string.Join(' ', (transaction.Request.GetText(SipHeaderName.RAck) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (_reliable is null || stated != expected)
        {
            Reply(transaction, path, 481, [], null, now);
            return;
        }

        _reliable = null;
        SessionDescription? answer = null;
        int status = SipBody.Read(transaction.Request, out var offer)?.Status ?? 200;
        if (offer is not null && (Media is null || Media.HasOpenOffer || !Media.TryAnswer(offer, out answer, out _)))
            status = 488;
        Reply(transaction, path, status, AcceptFor(status), answer, now);
        if (answer is not null)
            Agent.Emit(new SipEvent(SipEventKind.Media, this));
        ProvideNext(now);
        if (_isAcceptWanted && _reliable is null)
            AcceptNow(now);
    }
}
