using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Engines.Local;

/// <summary>What a caller is told when a service failed that works for the engine.</summary>
internal static class ServiceProblems
{
    /// <summary>The service's own words where they are meant for callers, else a sentence that gives nothing away.</summary>
    public static string Describe(Exception exception, string otherwise) => exception is ModelServiceException known ? known.Message : otherwise;
}
