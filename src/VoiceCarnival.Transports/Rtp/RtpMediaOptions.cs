using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Audio.Opus;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Audio of calls that this server carries, <c>VoiceCarnival:Media</c>.</summary>
public sealed class RtpMediaOptions
{
    /// <summary>How the agent's voice is encoded where a call uses Opus.</summary>
    [Required]
    public OpusOptions Opus { get; set; } = new();

    /// <summary>
    /// Seconds of the agent's audio that may wait to be played; an engine that is further ahead is held. With the OpenAI engine what it holds includes the events
    /// behind the audio, so this is the longest answer that can be interrupted in time. 48 kB a second, only while they wait.
    /// </summary>
    [Range(1, 600)]
    public int MaxQueuedSeconds { get; set; } = 180;

    /// <summary>Seconds that a caller who sends no packets counts as silent, so that turns end; after them the session's idle limit counts alone.</summary>
    [Range(1, 3600)]
    public int SilenceSeconds { get; set; } = 30;

    /// <summary>The longest wait for a packet that is late or lost, ms. What is in order is never held.</summary>
    [Range(20, 1000)]
    public int MaxReorderMs { get; set; } = 240;

    /// <summary>Threads that the calls are spread over; 0 for one per core.</summary>
    [Range(0, 64)]
    public int Threads { get; set; }
}
