using System.Text.Json;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>The session of a phone call: opened before it is answered, connected when there is a line, and the first to speak where it is to.</summary>
internal sealed partial class PhoneCall
{
    private static readonly byte[] Greeting = """{"type":"response.create"}"""u8.ToArray();
    private static readonly byte[] Cancel = """{"type":"response.cancel"}"""u8.ToArray();
    private bool _hasGreeted;

    /// <summary>Answers: opens the session, then the line.</summary>
    /// <param name="fields">Session fields that are asked for over the agent's; undefined for none.</param>
    /// <param name="mayAskAgain">Fields that the engine does not take leave the call ringing.</param>
    public async Task<SessionRefusal?> AnswerAsync(JsonElement fields, bool mayAskAgain = false)
    {
        if (_isOver || _leg is not { } leg)
            return CallAccess.NotFound;
        var offer = leg.Call.Offer;
        var codec = offer is null ? null : AudioNegotiation.Choose(offer, SipServer.Codecs, _calls.Options.Srtp.On(leg.Call.Path.Transport));
        if (await OpenSessionAsync(leg, codec, fields) is { } refusal)
        {
            if (!mayAskAgain || refusal.Status is not (400 or 422))
                Refuse(leg, refusal.Status == 429 ? 486 : 503);
            return refusal;
        }

        if (leg.OpenToAnswer(_calls) is not { } audio)
        {
            Refuse(leg, 503);
            _session!.End(new SessionTermination(TerminationKind.Operator, "no media port is free"));
            return NoPort;
        }

        _calls.Server!.Do((_, now) => leg.Call.Accept(audio, now));
        return null;
    }

    /// <summary>Opens the session of a call of ours, before anybody is called.</summary>
    public Task<SessionRefusal?> OpenSessionAsync(JsonElement fields) => OpenSessionAsync(null, null, fields);

    private async Task<SessionRefusal?> OpenSessionAsync(SipLeg? leg, RtpCodec? codec, JsonElement fields)
    {
        var known = codec is null ? null : AudioCodecs.Find(codec.Name, codec.ClockRate);
        string? account = leg?.Call.Caller.Account;
        var opening = await _calls.Host.OpenAsync(
            new VoiceSessionRequest
            {
                SessionId = RealtimeIds.New("sess"),
                Transport = SipCalls.TransportId,
                InitialSession = SipAgents.SessionOf(Agent, known, fields),
                Brain = Agent.Brain,
                Caller = account is null ? Sessions.Access.Caller.Anonymous : new Caller(CallerKind.User, "sip:" + account),
                RemoteAddress = leg?.Call.Path.Remote.Address,
            },
            CancellationToken.None,
            session => NameAsync(session, leg is not null && IsIncoming && Agent.KnowsCaller ? CallerFacts.MessageOf(leg.Call) : null));
        if (opening.Session is not { } session)
        {
            Log.Refused(_calls.Logger, Id, opening.Refusal!.Error.Code ?? "refused");
            return opening.Refusal;
        }

        _ = WatchAsync(session);
        return null;
    }

    private async ValueTask NameAsync(VoiceSession session, byte[]? facts)
    {
        _session = session;
        session.Begin();
        // Before anybody can find the session and say something of his own.
        if (facts is not null)
            await session.SendOperatorEventAsync(facts, CancellationToken.None);
        // One that an application decides on was entered when it began to ring.
        _calls.Directory.TryAdd(Entry);
        _calls.Directory.Begin(Entry, session);
    }

    // With a connection the session's end is that one's to tell, after what has to be heard.
    private async Task WatchAsync(VoiceSession session)
    {
        await session.Ended;
        if (_leg is not { Connection: not null, Call.State: not SipCallState.Ended })
            HangUp();
    }

    private void Refuse(SipLeg leg, int status) => _calls.Server!.Do((_, now) =>
    {
        if (leg.Call.IsIncoming)
            leg.Call.Refuse(status, now);
        else
            leg.Call.HangUp(now);
    });

    private async Task ApplyAsync(SipLeg leg, AudioAgreement agreement)
    {
        if (_isOver || _session is not { } session || leg != _leg)
        {
            leg.Agree(agreement);
            return;
        }

        if (leg.Apply(agreement, session, this, _calls) is not { } connection)
            return;
        bool isFirst = _connection is null;
        Connect(session, leg, connection);
        if (isFirst && IsIncoming)
            await GreetAsync();
    }

    // Another codec, or another call in place of this one: another connection goes on where the former stops.
    private void Connect(VoiceSession session, SipLeg leg, RtpConnection connection)
    {
        var former = _connection;
        _connection = connection;
        // Early media are heard; who is to hear the agent is not there before he has answered.
        if (!IsIncoming && leg.Call.State == SipCallState.Ringing)
            connection.HoldPlayout(true);
        if (former is null)
        {
            session.Start(connection);
        }
        else
        {
            if (!session.Resume(connection))
                HangUp();
        }

        leg.Begin(connection);
    }

    private async Task GreetAsync()
    {
        if (_hasGreeted || _session is not { } session)
            return;
        _hasGreeted = true;
        bool isAsked = session.WasAskedToRespond;
        if (!IsIncoming)
            await PickedUpAsync(session, isAsked);
        // Whoever accepted it over the API speaks first, or not, as it likes; and so does whoever had the agent speak while it rang.
        if (Hosted is null && !isAsked && _calls.Agents.Greets(Agent))
            await session.SendOperatorEventAsync(Agent.Greeting is { Length: > 0 } text ? PhoneEvents.Greeting(text) : Greeting, CancellationToken.None);
    }

    // What was asked for while it rang is heard now; what the agent had to say to tones and announcements is not.
    private async Task PickedUpAsync(VoiceSession session, bool isAsked)
    {
        if (!isAsked && session.Statistics.Turns > 0)
        {
            _connection?.ClearOutput();
            await session.SendOperatorEventAsync(Cancel, CancellationToken.None);
        }

        _connection?.HoldPlayout(false);
    }

    private static SessionRefusal NoPort { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "no_media_port",
        "No UDP port is free for the call's audio. Widen VoiceCarnival:Sip:FirstMediaPort to LastMediaPort."));
}
