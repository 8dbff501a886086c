using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// <c>GET /v1/realtime</c>: a caller's WebSocket becomes a connection of a session. The task lasts as long as the connection.
/// </summary>
internal sealed partial class WebSocketConnectionHandler(
    VoiceSessionHost host, CallDirectory calls, ICallerAuthenticator authenticator, OriginPolicy origins, WebSocketWatch watch, RefusedHandshakes refused,
    IOptions<WebSocketTransportOptions> options, IOptions<BetaOptions> beta, TimeProvider time, ILogger<WebSocketConnectionHandler> logger)
{
    private const int LargestOfTheRefused = 4096; // bytes
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(3);

    public async Task HandleAsync(HttpContext context)
    {
        // 1. Is it a WebSocket at all, and for us? Not by HTTP/1.0, which knows no upgrade (RFC 6455, section 4.1).
        if (!context.WebSockets.IsWebSocketRequest || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketVersion = "13"; // RFC 6455, section 4.4: to a client of another version as well
            await HttpErrors.WriteAsync(context, new SessionRefusal(426, RealtimeError.Invalid("upgrade_required",
                "This endpoint speaks WebSocket. Connect to it with a WebSocket client (ws:// or wss://), by HTTP/1.1 or higher.")));
            return;
        }

        var handshake = WebSocketHandshake.Read(context.Request, beta.Value);

        // 2. Who is calling? A wrong key is told over the open socket, as OpenAI does: browsers cannot see a refused handshake's reason.
        bool isLoopback = HttpCaller.IsLoopback(context);
        var (caller, denied) = authenticator.Authenticate(context);
        if (denied is not null)
        {
            await RefuseOverSocketAsync(context, handshake, denied.Error, WebSocketCloseCode.InvalidApiKey);
            return;
        }

        if (caller!.Kind == CallerKind.Anonymous && origins.Check(context.Request, isLoopback) is { } foreign)
        {
            await HttpErrors.WriteAsync(context, foreign);
            return;
        }

        if (handshake.Error is { } wrong)
        {
            await RefuseOverSocketAsync(context, handshake, wrong, WebSocketCloseCode.InvalidRequest);
            return;
        }

        if (handshake.CallId is { } callId)
        {
            await ListenInAsync(context, handshake, callId, caller, isLoopback);
            return;
        }

        // 3. Come back to a session, or open a new one. A refusal still has its HTTP status.
        VoiceSession? resumed = null;
        if (handshake.ResumeToken is { } token && (resumed = host.FindByToken(token)) is null)
        {
            await HttpErrors.WriteAsync(context, new SessionRefusal(404, RealtimeError.Invalid("resume_token_invalid",
                "The session to come back to has ended, or its token was used already. Open a new session.", "resume")));
            return;
        }

        var session = resumed;
        if (session is null)
        {
            var opening = await host.OpenAsync(Request(context, handshake, caller), context.RequestAborted);
            if (opening.Refusal is { Error.Code: SessionRefusal.InvalidModel } wrongModel)
            {
                await RefuseOverSocketAsync(context, handshake, wrongModel.Error, WebSocketCloseCode.InvalidRequest); // as OpenAI does
                return;
            }

            if (opening.Refusal is { } refusal)
            {
                await HttpErrors.WriteAsync(context, refusal);
                return;
            }

            session = opening.Session!;
        }

        // 4. Accept, and relay both ways until the line ends.
        await RelayAsync(context, handshake, session, isResumed: resumed is not null);
    }

    // The sideband of a call that runs: its media are elsewhere, here are its events.
    private async Task ListenInAsync(HttpContext context, WebSocketHandshake handshake, string callId, Caller caller, bool isLoopback)
    {
        // 1. Whose call is it? A stranger is told no more than that there is none; a call that still rings has no session to attach to.
        var call = calls.Find(callId);
        if (call?.Session is not { } session || !(CallAccess.IsOperator(caller, isLoopback) || call.IsOwnedBy(caller)))
        {
            await HttpErrors.WriteAsync(context, CallAccess.NotFound);
            return;
        }

        if (session.SidebandCount >= VoiceSession.MostSidebands)
        {
            await HttpErrors.WriteAsync(context, TooManySidebands);
            return;
        }

        // 2. Attach, and take events until the line or the call ends.
        using var link = await AcceptAsync(context, handshake);
        var connection = new WebSocketConnection(link, null, binaryAudio: false, handshake.IsBeta);
        if (session.TryAttach(connection, caller) is not { } sideband)
        {
            // The call ended, or the last place was taken, during the handshake.
            connection.Close(new SessionTermination(TerminationKind.CallerLost, "invalid_request_error.call_not_found", CallAccess.NotFound.Error) { CloseCode = WebSocketCloseCode.InvalidRequest });
            await FinishAsync(link, connection.ReceiveAsync());
            return;
        }

        connection.Sideband = sideband;
        watch.Add(link);
        try
        {
            var receiving = connection.ReceiveAsync();
            if (await Task.WhenAny(receiving, connection.Closing) == connection.Closing)
                await FinishAsync(link, receiving);
            var (termination, _) = await receiving;
            if (termination.Kind == TerminationKind.ServerFault)
                Log.ReceiverFailed(logger, session.Id, connection.Failure);
            connection.Close(termination);
            bool isOurs = termination.Kind is TerminationKind.CallerFault or TerminationKind.ServerFault;
            await FinishAsync(link, isOurs ? link.DrainAsync() : link.FlushAsync());
        }
        catch (Exception exception)
        {
            // A defect here must cost this sideband only.
            Log.ReceiverFailed(logger, session.Id, exception);
            link.Abort();
        }
        finally
        {
            session.Detach(sideband);
            watch.Forget(link);
        }
    }

    private async Task RelayAsync(HttpContext context, WebSocketHandshake handshake, VoiceSession session, bool isResumed)
    {
        WebSocketLink link;
        try
        {
            link = await AcceptAsync(context, handshake);
        }
        catch (Exception exception)
        {
            // The caller hung up during the handshake; its session must not stay behind.
            Log.AcceptFailed(logger, session.Id, exception);
            if (!isResumed)
                session.End(new SessionTermination(TerminationKind.CallerLost, "the handshake failed"));
            return;
        }

        using (link)
        {
            var connection = new WebSocketConnection(link, session, handshake.BinaryAudio, handshake.IsBeta);
            watch.Add(link);
            try
            {
                if (!isResumed)
                    session.Start(connection);
                else if (!session.Resume(connection))
                    connection.Close(ResumeFailed);

                var receiving = connection.ReceiveAsync();
                if (await Task.WhenAny(receiving, connection.Closing) == connection.Closing)
                    await FinishAsync(link, receiving);
                var (termination, mayResume) = await receiving;
                if (termination.Kind == TerminationKind.ServerFault)
                    Log.ReceiverFailed(logger, session.Id, connection.Failure);
                session.Detach(connection, termination, mayResume && connection.UnderstandsExtensions);
                connection.Close(termination);
                // Our goodbye, or our answer to the caller's, may still wait behind what the caller has not read yet.
                bool isOurs = termination.Kind is TerminationKind.CallerFault or TerminationKind.ServerFault;
                await FinishAsync(link, isOurs ? link.DrainAsync() : link.FlushAsync());
            }
            catch (Exception exception)
            {
                // A defect here must cost this session only, and not leave it behind.
                Log.ReceiverFailed(logger, session.Id, exception);
                session.End(new SessionTermination(TerminationKind.ServerFault, "internal error"));
                link.Abort();
            }
            finally
            {
                watch.Forget(link);
            }
        }
    }

    // A goodbye may take a moment, but never long: a line that is cut ends what waits for it.
    private async Task FinishAsync(WebSocketLink link, Task finishing)
    {
        try
        {
            await finishing.WaitAsync(GoodbyeTime, time);
        }
        catch (TimeoutException)
        {
            link.Abort();
            await finishing;
        }
    }

    private async Task RefuseOverSocketAsync(HttpContext context, WebSocketHandshake handshake, RealtimeError error, int code)
    {
        if (!refused.TryTake(context.Connection.RemoteIpAddress))
        {
            await HttpErrors.WriteAsync(context, RefusedHandshakes.TooMany);
            return;
        }

        Log.Refused(logger, context.Connection.RemoteIpAddress, error.Code, error.Param);
        // Whoever was not let in gets no more memory than the goodbyes need: what is larger is dropped as it comes.
        using var link = await AcceptAsync(context, handshake, options.Value.Limits with { LargestMessage = LargestOfTheRefused });
        var connection = new WebSocketConnection(link, null, handshake.BinaryAudio, handshake.IsBeta);
        connection.Close(new SessionTermination(TerminationKind.CallerFault, WebSocketCloseCode.ReasonOf(error), error) { CloseCode = code });
        await FinishAsync(link, SeeOffAsync(link));
    }

    private static async Task SeeOffAsync(WebSocketLink link)
    {
        var closure = await link.ReceiveAsync();
        if (closure.Fault is not null)
            await link.DrainAsync();
    }

    private Task<WebSocketLink> AcceptAsync(HttpContext context, WebSocketHandshake handshake) => AcceptAsync(context, handshake, options.Value.Limits);

    private async Task<WebSocketLink> AcceptAsync(HttpContext context, WebSocketHandshake handshake, WebSocketLimits limits)
    {
        var stream = await WebSocketAccept.AcceptAsync(context, handshake.Subprotocol);
        return new WebSocketLink(stream, WebSocketRole.Server, limits, context.Abort, time);
    }

    private static SessionRefusal TooManySidebands { get; } = new(429, new RealtimeError("rate_limit_error", "too_many_sidebands",
        $"This call has {VoiceSession.MostSidebands} sidebands already. Close one first.", "call_id"), TimeSpan.FromSeconds(5));

    private static SessionTermination ResumeFailed => new(TerminationKind.CallerLost, "invalid_request_error.resume_failed",
        RealtimeError.Invalid("resume_failed", "The session to come back to has just ended. Open a new one."))
    {
        CloseCode = WebSocketCloseCode.InvalidRequest,
    };

    private static VoiceSessionRequest Request(HttpContext context, WebSocketHandshake handshake, Caller caller) => new()
    {
        SessionId = RealtimeIds.New("sess"),
        Model = handshake.Model,
        Type = TypeOf(caller) ?? handshake.SessionType,
        InitialSession = caller.BoundSession,
        Transport = "websocket",
        Caller = caller,
        RemoteAddress = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress,
    };

    private static string? TypeOf(Caller caller) =>
        caller.BoundSession.ValueKind == System.Text.Json.JsonValueKind.Object && caller.BoundSession.TryGetProperty("type", out var type) ? type.GetString() : null;

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Debug, "WebSocket of session {SessionId} was not accepted")]
        public static partial void AcceptFailed(ILogger logger, string sessionId, Exception exception);

        [LoggerMessage(3003, LogLevel.Error, "The WebSocket of session {SessionId} failed")]
        public static partial void ReceiverFailed(ILogger logger, string sessionId, Exception? exception);

        [LoggerMessage(3002, LogLevel.Warning, "WebSocket from {Address} refused with {Code} {Param}")]
        public static partial void Refused(ILogger logger, IPAddress? address, string? code, string? param);
    }
}
