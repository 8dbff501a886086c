using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using VoiceCarnival.Transports.Listening;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>The server's half of the opening handshake: HTTP/1.1 (RFC 6455, section 4.2.2) and HTTP/2 (RFC 8441). The request was checked by the middleware.</summary>
internal static class WebSocketAccept
{
    public static async Task<Stream> AcceptAsync(HttpContext context, string? subprotocol)
    {
        var headers = context.Response.Headers;
        if (subprotocol is not null)
            headers.SecWebSocketProtocol = subprotocol;
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return await connect.AcceptAsync();
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = WebSocketClient.AcceptFor(context.Request.Headers.SecWebSocketKey.ToString().Trim());
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        // From here on HTTP is out of the way; where the connection itself can be had, so are its layers.
        return context.Features.Get<IConnectionTransportFeature>()?.Transport switch
        {
            LoopDuplexPipe direct => direct.TakeStream(),
            { } transport => new ConnectionStream(transport),
            null => stream,
        };
    }
}
