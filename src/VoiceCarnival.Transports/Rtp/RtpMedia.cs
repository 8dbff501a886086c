using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>The audio of calls, for the transports that carry them.</summary>
public sealed partial class RtpMedia(MediaClock clock, IOptions<RtpMediaOptions> options, TimeProvider time, ILogger<RtpMedia> logger)
{
    /// <summary>The clock of all calls.</summary>
    public MediaClock Clock => clock;

    internal RtpMediaOptions Options => options.Value;

    internal TimeProvider Time => time;

    /// <summary>The connection of a call. It is idle until <see cref="RtpConnection.Begin"/>.</summary>
    /// <param name="transport">Transport name for logs and metrics, such as <c>webrtc</c>.</param>
    /// <param name="session">Whose call it is; to be started with the connection.</param>
    /// <param name="call">What was agreed on.</param>
    /// <param name="line">What carries it.</param>
    public RtpConnection Connect(string transport, VoiceSession session, AudioCallOptions call, IRtpLine line) => new(transport, session, call, line, this);

    internal void Failed(string sessionId, Exception exception) => Log.Failed(logger, sessionId, exception);

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Error, "The audio of session {SessionId} failed")]
        public static partial void Failed(ILogger logger, string sessionId, Exception exception);
    }
}
