using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Brings calls and sessions together: a call that comes in rings while its session is opened, is answered, and lasts as long as both want. Called under the
/// server's lock, so nothing here waits; what takes time goes on by itself and comes back through <see cref="SipServer.Do"/>.
/// </summary>
internal sealed partial class SipCalls(VoiceSessionHost host, RtpMedia media, IOptions<SipOptions> options, ILogger<SipCalls> logger)
{
    private static readonly byte[] Greeting = """{"type":"response.create"}"""u8.ToArray();
    private readonly ConcurrentDictionary<SipCall, Live> _live = new();
    private readonly MediaPorts _ports = new(options.Value.FirstMediaPort, options.Value.LastMediaPort);

    public SipServer? Server { get; set; }

    /// <summary>Calls that are answered, or about to be.</summary>
    public int Count => _live.Count;

    public void On(SipEvent next, TimeSpan now)
    {
        switch (next.Kind)
        {
            case SipEventKind.Incoming:
                next.Call!.Ring(now);
                _ = AnswerAsync(next.Call);
                break;
            case SipEventKind.Media when _live.TryGetValue(next.Call!, out var live):
                OnMedia(next.Call!, live);
                break;
            case SipEventKind.Ended when _live.TryRemove(next.Call!, out var live):
                _ = Task.Run(live.End);
                break;
        }
    }

    private async Task AnswerAsync(SipCall call)
    {
        Live? live = null;
        try
        {
            // 1. A session, within the limits that hold for everybody.
            var request = new VoiceSessionRequest
            {
                SessionId = RealtimeIds.New("sess"),
                Transport = "sip",
                Caller = call.Caller.Account is { } account ? new Caller(CallerKind.User, "sip:" + account) : Caller.Anonymous,
                RemoteAddress = call.Path.Remote.Address,
            };
            var opening = await host.OpenAsync(request, CancellationToken.None);
            if (opening.Session is not { } session)
            {
                Log.Refused(logger, opening.Refusal!.Error.Code ?? "refused");
                Server!.Do((_, now) => call.Refuse(opening.Refusal!.Status == 429 ? 486 : 503, now));
                return;
            }

            // 2. Ports.
            if (_ports.TryOpen(ListenAddress()) is not { } sockets)
            {
                session.End(new SessionTermination(TerminationKind.Operator, "no media port is free"));
                Server!.Do((_, now) => call.Refuse(503, now));
                return;
            }

            var line = new SipLine(sockets.Rtp, sockets.Rtcp, _ => Server!.Do((_, now) => call.HangUp(now)));
            live = new Live(session, line);
            var audio = new AudioNegotiation(new AudioOptions
            {
                SessionId = (ulong)RandomNumberGenerator.GetInt32(1, int.MaxValue),
                Local = new IPEndPoint(Server!.LocalAddressFor(call.Path.Remote.Address), line.Port),
                Codecs = SipServer.Codecs,
            });

            // 3. Answer. What was agreed on comes as an event.
            Server.Do((_, now) =>
            {
                _live[call] = live;
                if (!call.Accept(audio, now))
                    End(call);
            });
        }
        catch (Exception exception)
        {
            // A defect here must cost this call only.
            Log.Failed(logger, exception);
            if (live is not null && _live.TryRemove(call, out _))
                live.End();
            Server!.Do((_, now) => call.HangUp(now));
        }
    }

    private void End(SipCall call)
    {
        if (_live.TryRemove(call, out var live))
            _ = Task.Run(live.End);
    }

    private void OnMedia(SipCall call, Live live)
    {
        if (call.Agreement is not { } agreement)
            return;
        live.Line.Agree(agreement);
        if (live.Connection is not null)
            return;
        var codec = AudioCodecs.Find(agreement.Codec.Codec.Name, agreement.Codec.Codec.ClockRate)!;
        var audio = new AudioCallOptions
        {
            Codec = codec,
            PayloadType = agreement.Codec.PayloadType,
            AlsoReceived = agreement.Receives
                .Select(map => (map.PayloadType, Codec: AudioCodecs.Find(map.Codec.Name, map.Codec.ClockRate)))
                .Where(found => found.Codec is not null && found.PayloadType != agreement.Codec.PayloadType)
                .DistinctBy(found => found.PayloadType)
                .ToDictionary(found => found.PayloadType, found => found.Codec!),
            Keys = [.. agreement.Receives.Where(map => map.Codec.Name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase)).Select(map => map.PayloadType)],
            SentKeys = agreement.Keys is { } keys ? (keys.PayloadType, keys.Codec.ClockRate) : null,
            Ssrc = new Ssrc(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4))),
            Cname = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
        };
        var connection = media.Connect("sip", live.Session, audio, live.Line);
        live.Connection = connection;
        live.Line.Connection = connection;
        // Not under the server's lock: the session has locks of its own.
        _ = Task.Run(() => BeginAsync(live, connection));
    }

    private async Task BeginAsync(Live live, RtpConnection connection)
    {
        try
        {
            live.Session.Start(connection);
            connection.Begin();
            live.Line.Begin();
            if (options.Value.Greets)
                await live.Session.ReceiveEventAsync(Greeting, CancellationToken.None);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception);
            live.Session.End(new SessionTermination(TerminationKind.ServerFault, "the call could not be begun"));
        }
    }

    private IPAddress ListenAddress() => IPAddress.Parse(options.Value.Address);

    /// <summary>A call that has its session.</summary>
    private sealed class Live(VoiceSession session, SipLine line)
    {
        public VoiceSession Session => session;

        public SipLine Line => line;

        public RtpConnection? Connection { get; set; }

        public void End()
        {
            if (Connection is { } connection)
            {
                connection.Stop();
                session.Detach(connection, SessionTermination.CallerClosed, mayResume: false);
            }

            session.End(SessionTermination.CallerClosed);
            line.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3304, LogLevel.Error, "A phone call failed")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3305, LogLevel.Information, "A phone call was refused: {Code}")]
        public static partial void Refused(ILogger logger, string code);
    }
}
