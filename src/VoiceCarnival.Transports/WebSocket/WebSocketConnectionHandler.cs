using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// <c>GET /v1/realtime</c>: a caller's WebSocket becomes a connection of a session. The task lasts as long as the connection.
/// </summary>
internal sealed partial class WebSocketConnectionHandler(
    VoiceSessionHost host, ICallerAuthenticator authenticator, OriginPolicy origins, WebSocketWatchdog watchdog,
    IOptions<WebSocketTransportOptions> options, TimeProvider time, ILogger<WebSocketConnectionHandler> logger)
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(3);

    public async Task HandleAsync(HttpContext context)
    {
        // 1. Is it a WebSocket at all, and for us?
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await HttpErrors.WriteAsync(context, new SessionRefusal(426, RealtimeError.Invalid("upgrade_required",
                "This endpoint speaks WebSocket. Connect to it with a WebSocket client (ws:// or wss://).")));
            return;
        }

        var handshake = WebSocketHandshake.Read(context.Request);
        if (handshake.Refusal is { } refused)
        {
            await HttpErrors.WriteAsync(context, refused);
            return;
        }

        // 2. Who is calling? A wrong key is told over the open socket, as OpenAI does: browsers cannot see a refused handshake's reason.
        bool isLoopback = HttpCaller.IsLoopback(context);
        var (caller, denied) = authenticator.Authenticate(HttpCaller.KeyOf(context), isLoopback);
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

        // 3. Come back to a session, or open a new one. A refusal still has its HTTP status.
        VoiceSession? resumed = null;
        if (handshake.ResumeToken is { } token && (resumed = host.Redeem(token)) is null)
        {
            await HttpErrors.WriteAsync(context, new SessionRefusal(404, RealtimeError.Invalid("resume_token_invalid",
                "The session to come back to has ended, or its token was used already. Open a new session.", "resume")));
            return;
        }

        var session = resumed;
        if (session is null)
        {
            var opening = await host.OpenAsync(Request(context, handshake, caller), context.RequestAborted);
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

    private async Task RelayAsync(HttpContext context, WebSocketHandshake handshake, VoiceSession session, bool isResumed)
    {
        System.Net.WebSockets.WebSocket socket;
        try
        {
            socket = await AcceptAsync(context, handshake);
        }
        catch (Exception exception)
        {
            // The caller hung up during the handshake; its session must not stay behind.
            Log.AcceptFailed(logger, session.Id, exception);
            if (!isResumed)
                session.End(new SessionTermination(TerminationKind.CallerLost, "the handshake failed"));
            return;
        }

        using (socket)
        {
            var connection = new WebSocketConnection(socket, handshake.BinaryAudio, options.Value, time);
            watchdog.Watch(connection);
            try
            {
                var writing = connection.WriteLoopAsync(session);
                if (!isResumed)
                    session.Start(connection);
                else if (!session.Resume(connection))
                    connection.Close(ResumeFailed);

                var reading = connection.ReadLoopAsync(session, context.RequestAborted);
                if (await Task.WhenAny(reading, writing) == writing)
                    await FinishAsync(connection, reading); // we said goodbye; the caller's own may take a moment, but never long
                var (termination, mayResume) = await reading;
                session.Detach(connection, termination, mayResume && connection.UnderstandsExtensions);
                connection.Close(termination);
                await FinishAsync(connection, writing);
            }
            finally
            {
                watchdog.Forget(connection);
            }
        }
    }

    private async Task FinishAsync(WebSocketConnection connection, Task loop)
    {
        try
        {
            await loop.WaitAsync(GoodbyeTime, time);
        }
        catch (TimeoutException)
        {
            connection.Abort();
            await loop;
        }
    }

    private async Task RefuseOverSocketAsync(HttpContext context, WebSocketHandshake handshake, RealtimeError error, int code)
    {
        Log.Refused(logger, error.Code);
        using var socket = await AcceptAsync(context, handshake);
        var connection = new WebSocketConnection(socket, handshake.BinaryAudio, options.Value, time);
        connection.Close(new SessionTermination(TerminationKind.CallerFault, WebSocketCloseCode.ReasonOf(error), error) { CloseCode = code });
        await FinishAsync(connection, connection.WriteLoopAsync(null));
        await connection.AwaitCloseAsync(GoodbyeTime);
    }

    private Task<System.Net.WebSockets.WebSocket> AcceptAsync(HttpContext context, WebSocketHandshake handshake) =>
        context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = handshake.Subprotocol,
            KeepAliveInterval = TimeSpan.FromSeconds(options.Value.PingSeconds),
            KeepAliveTimeout = TimeSpan.FromSeconds(options.Value.PongTimeoutSeconds),
        });

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
        RemoteAddress = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress,
    };

    private static string? TypeOf(Caller caller) =>
        caller.BoundSession.ValueKind == System.Text.Json.JsonValueKind.Object && caller.BoundSession.TryGetProperty("type", out var type) ? type.GetString() : null;

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Debug, "WebSocket of session {SessionId} was not accepted")]
        public static partial void AcceptFailed(ILogger logger, string sessionId, Exception exception);

        [LoggerMessage(3002, LogLevel.Warning, "WebSocket refused with {Code}")]
        public static partial void Refused(ILogger logger, string? code);
    }
}
