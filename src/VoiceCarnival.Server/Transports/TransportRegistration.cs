using Microsoft.Extensions.Options;
using VoiceCarnival.Server.Hosting;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.Sip;
using VoiceCarnival.Transports.WebRtc;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Server.Transports;

/// <summary>The transports.</summary>
internal static class TransportRegistration
{
    public static IServiceCollection AddTransports(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddWebSocketTransport(settings.GetSection("WebSocket"));
        services.DeclareSettings<WebSocketTransportOptions>(settings.GetSection("WebSocket"));
        services.AddSingleton<ITransportDescriptor, WebSocketDescriptor>();
        services.AddRtpMedia(settings.GetSection("Media"));
        services.AddWebRtcTransport(settings.GetSection("WebRtc"));
        services.AddOptions<WebRtcOptions>().PostConfigure<IConfiguration>(static (options, configuration) => options.ThisMachineOnly ??=
            string.IsNullOrEmpty(options.PublicAddress) && options.Addresses.Length == 0 && ListenAddresses.Of(configuration).All(ListenAddresses.IsLoopback));
        services.AddSingleton<ITransportDescriptor, DirectWebRtcDescriptor>();
        services.AddSipTransport(settings.GetSection("Sip"));
        return services;
    }

    public static void MapTransports(this WebApplication app) => app.MapWebSocketTransport();

    private sealed class DirectWebRtcDescriptor(IEnumerable<ICallExchange> exchanges) : ITransportDescriptor
    {
        public string Id => "webrtc-direct";

        public string Name => "WebRTC direct to OpenAI";

        public TransportDescription Describe() => exchanges.Any(exchange => exchange.Transport == Id)
            ? TransportDescription.At("/v1/realtime/calls")
            : TransportDescription.Unavailable("The engine that answers here is not reached past this server. Set OPENAI_API_KEY for OpenAI's.");
    }

    private sealed class WebSocketDescriptor(IOptions<WebSocketTransportOptions> options) : ITransportDescriptor
    {
        public string Id => "websocket";

        public string Name => "WebSocket";

        public TransportDescription Describe() => options.Value.Enabled
            ? TransportDescription.At("/v1/realtime")
            : TransportDescription.Unavailable("The operator has switched WebSockets off.");
    }
}
