using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>Why no session was opened, ready to be told in the transport's own way.</summary>
/// <param name="Status">HTTP status that fits; transports without HTTP map it.</param>
/// <param name="Error">The error as callers see it.</param>
/// <param name="RetryAfter">When another try makes sense, if ever.</param>
public sealed record SessionRefusal(int Status, RealtimeError Error, TimeSpan? RetryAfter = null)
{
    /// <summary>The code of a model that there is not, or that does not do what is asked of it.</summary>
    public const string InvalidModel = "invalid_model";
}
