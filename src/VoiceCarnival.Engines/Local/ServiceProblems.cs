using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Engines.Local;

/// <summary>What a caller and the log are told when a service failed that works for the engine.</summary>
internal static partial class ServiceProblems
{
    /// <summary>The service's own words where they are meant for callers, else a sentence that gives nothing away.</summary>
    public static string Describe(Exception exception, string otherwise) => exception is ModelServiceException known ? known.Message : otherwise;

    /// <summary>Tells the log. What a service says of itself is a line; its answer as it came, which may repeat the key, is not in it. What nobody expected has its trace.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="session">Whose turn it was.</param>
    /// <param name="what">What did not come to anything, as a sentence.</param>
    /// <param name="exception">Why.</param>
    public static void Log(ILogger logger, string session, string what, Exception exception)
    {
        if (exception is not ModelServiceException known)
            Unexpected(logger, what, session, exception);
        else if (known.GetBaseException() is (HttpRequestException or SocketException or IOException) and { Message: var cause })
            Failed(logger, what, session, known.Code, $"{known.Message} {cause}");
        else
            Failed(logger, what, session, known.Code, known.Message);
    }

    [LoggerMessage(2015, LogLevel.Warning, "{What} in session {Session}: {Code}: {Reason}")]
    private static partial void Failed(ILogger logger, string what, string session, string code, string reason);

    [LoggerMessage(2016, LogLevel.Warning, "{What} in session {Session}")]
    private static partial void Unexpected(ILogger logger, string what, string session, Exception exception);
}
