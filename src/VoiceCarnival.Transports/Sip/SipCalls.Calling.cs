using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Calls of ours: over the API, and on behalf of peers that hand somebody over.</summary>
internal sealed partial class SipCalls
{
    private const int MostHeaders = 16;
    private const int MostHeaderBytes = 8192;
    private const int MostRedirections = 3;
    private const int LongestHeader = 1024;

    // How long a way may say nothing at all, not even 100, before the next is tried. A peer that is there answers within 200 ms of what reaches it, and by then four copies have.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Calls somebody. The call is under way when this returns; how it goes is told as it goes.</summary>
    public async ValueTask<(PhoneCall? Call, SessionRefusal? Refusal)> PlaceAsync(PhoneCallRequest request, CancellationToken cancellationToken)
    {
        // 1. May we, and can we?
        if (Server is not { IsOpen: true } server)
            return (null, Off);
        if (!_trunks.CallsOut)
            return (null, NoDestinations);
        if (!_trunks.Allows(request.To))
            return (null, NotAllowed);
        if (request.Headers.Count > MostHeaders || request.Headers.Any(header => !IsOurs(header)) || request.Headers.Sum(header => header.Name.Length + Encoding.UTF8.GetByteCount(header.Value)) > MostHeaderBytes)
            return (null, BadHeaders);
        if ((request.Agent is null ? Agents.All.First() : Agents.Find(request.Agent)) is not { } agent)
            return (null, NoAgent);
        var ways = new Queue<SipWay>(await _trunks.FindAsync(request.To, request.From, server, cancellationToken));
        if (ways.Count == 0)
            return (null, NoWay);

        // 2. A session first: its limits hold before anybody's phone rings.
        var call = new PhoneCall(this, agent, isIncoming: false, ways.Peek().From, request.To);
        _byId[call.Id] = call;
        if (await call.OpenSessionAsync(default) is { } refusal)
        {
            _byId.TryRemove(call.Id, out _);
            return (null, refusal);
        }

        // 3. Call.
        call.Note("dialing", 0, "");
        var leg = new SipLeg { Ways = ways, From = request.From };
        bool isUnderWay = false;
        server.Do((userAgent, now) => isUnderWay = TryDial(userAgent, call, leg, [.. request.Headers.Select(header => new SipHeader(header.Name, header.Value))], call.Take, now));
        if (isUnderWay)
            return (call, null);
        call.Note("ended", 503, "Service Unavailable", isLast: true);
        call.Entry.Session?.End(new SessionTermination(TerminationKind.Operator, "no call could be made"));
        Forget(call);
        return (null, Full);
    }

    // Under the server's lock.
    private bool TryDial(SipUserAgent agent, PhoneCall call, SipLeg leg, IReadOnlyList<SipHeader> headers, Action<SipLeg> keep, TimeSpan now)
    {
        while (!call.IsGivenUp && leg.Ways.TryDequeue(out var way))
        {
            var media = leg.Open(this, way.Encrypts ? SrtpUse.Always : SrtpUse.Never, way.Path.Remote.Address);
            if (media is null)
                return false;
            SipCall? sip;
            try
            {
                sip = agent.Call(
                    new SipCallRequest { To = way.To, From = way.From, Path = way.Path, Media = media, Credentials = way.Credentials, Headers = headers }, now);
            }
            catch (ArgumentException)
            {
                continue; // the next way may have an address that can be written
            }

            if (sip is null)
                break;
            leg.Call = sip;
            leg.Headers = headers;
            _legs[sip] = (call, leg);
            keep(leg);
            Log.Calling(Logger, call.Id, way.Trunk?.Options.Name ?? "its own host");
            if (leg.Ways.Count > 0)
                _ = GiveUpAsync(call, leg);
            return true;
        }

        // Its ports are free for others.
        leg.Dispose();
        return false;
    }

    // A trunk that does not answer, or cannot, before anything rang: the next one (RFC 3263, section 4.3). Under the server's lock.
    private bool TryNextWay(PhoneCall call, SipLeg leg, int status, TimeSpan now)
    {
        if (leg.HasProgress || status is not (408 or 503 or 500 or 502 or 504))
            return false;
        if (status == 408 && !leg.Call.IsIncoming && !leg.Call.IsProceeding)
            _trunks.NoteSilence(leg.Call.Path.Remote);
        if (leg.Ways.Count == 0)
            return false;
        var next = new SipLeg { Ways = leg.Ways, From = leg.From, Redirections = leg.Redirections };
        bool isUnderWay = false;
        Server!.Do((agent, _) => isUnderWay = TryDial(agent, call, next, leg.Headers, way => call.Replace(leg, way), now));
        return isUnderWay;
    }

    // Nobody is at home: the next way, and should somebody answer this one late, he is hung up on.
    private async Task GiveUpAsync(PhoneCall call, SipLeg leg)
    {
        await Task.Delay(Patience, Time);
        Server!.Do((_, now) =>
        {
            if (leg.Call.State != SipCallState.Ringing || leg.Call.IsProceeding || !TryNextWay(call, leg, 408, now))
                return;
            leg.HasProgress = true;
            leg.Call.HangUp(now);
        });
    }

    // Somebody is elsewhere (RFC 3261, section 8.1.3.4): called there, where that is one of the destinations.
    private async Task RedirectAsync(PhoneCall call, SipLeg leg, int status, string reason)
    {
        var ways = new Queue<SipWay>();
        try
        {
            foreach (string to in leg.Call.Redirections.Where(_trunks.Allows))
            {
                foreach (var way in await _trunks.FindAsync(to, leg.From, Server!, CancellationToken.None))
                    ways.Enqueue(way);
            }
        }
        catch (Exception exception)
        {
            Log.RedirectionFailed(Logger, call.Id, exception);
        }

        var next = new SipLeg { Ways = ways, From = leg.From, Redirections = leg.Redirections + 1 };
        Server!.Do((agent, now) =>
        {
            // The call may have ended meanwhile, or gone on by another leg.
            if (!call.Has(leg) || !TryDial(agent, call, next, leg.Headers, way => call.Replace(leg, way), now))
                call.OnEnded(leg, status, reason);
        });
    }

    private async Task FollowAsync(PhoneCall call, SipCall referrer, string target)
    {
        try
        {
            int question = target.IndexOf('?', StringComparison.Ordinal);
            string to = question < 0 ? target : target[..question];
            var headers = question < 0 ? [] : ReplacesIn(target[(question + 1)..]);
            var ways = _trunks.Allows(to) ? await _trunks.FindAsync(to, null, Server!, CancellationToken.None) : [];
            var leg = new SipLeg { Ways = new Queue<SipWay>(ways) };
            Server!.Do((agent, now) =>
            {
                if (!call.MayFollow || !TryDial(agent, call, leg, headers, call.Follow, now))
                    referrer.ReportTransfer(ways.Count == 0 ? 603 : 503, now);
            });
        }
        catch (Exception exception)
        {
            Log.TransferFailed(Logger, call.Id, exception);
            Server!.Do((_, now) => referrer.ReportTransfer(500, now));
        }
    }

    // The call that the new one is to take the place of (RFC 3891), out of the address; nothing else that stands there.
    private static List<SipHeader> ReplacesIn(string headers)
    {
        foreach (string header in headers.Split('&'))
        {
            if (header.StartsWith("Replaces=", StringComparison.OrdinalIgnoreCase) && new SipHeader("Replaces", Uri.UnescapeDataString(header["Replaces=".Length..])) is { IsValid: true } replaces)
                return [replaces];
        }

        return [];
    }

    private static bool IsOurs((string Name, string Value) header) =>
        (header.Name.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || header.Name.Equals("User-to-User", StringComparison.OrdinalIgnoreCase))
        && header.Value.Length <= LongestHeader && new SipHeader(header.Name, header.Value).IsValid;

    private static SessionRefusal Off { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "sip_unavailable", "SIP is not open on this server (VoiceCarnival:Sip:Enabled)."));

    private static SessionRefusal NoDestinations { get; } = new(403, RealtimeError.Invalid("calls_not_allowed",
        "This server calls nobody. Its operator can list whom it may call in VoiceCarnival:Sip:Destinations."));

    private static SessionRefusal NotAllowed { get; } = new(403, RealtimeError.Invalid("destination_not_allowed",
        "This destination is not one of VoiceCarnival:Sip:Destinations. Numbers are compared as they are given, SIP addresses as user@host.", "to"));

    private static SessionRefusal BadHeaders { get; } = new(400, RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue,
        "Headers may be up to 16 X- headers and User-to-User, of visible text up to 1024 characters, 8 KiB in all.", "headers"));

    private static SessionRefusal NoAgent { get; } = new(404, RealtimeError.Invalid("agent_not_found", "There is no agent of this name in VoiceCarnival:Sip:Agents.", "agent"));

    private static SessionRefusal NoWay { get; } = new(502, RealtimeError.Invalid("no_route",
        "Nobody is known who could carry this call: no trunk in VoiceCarnival:Sip:Trunks takes it, or none of its hosts has an address.", "to"));

    private static SessionRefusal Full { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "too_many_calls",
        "There are as many calls as there may be (VoiceCarnival:Sip:MaxCalls), or no media port is free."), TimeSpan.FromSeconds(5));
}
