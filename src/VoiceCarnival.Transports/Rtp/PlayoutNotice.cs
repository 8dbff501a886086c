using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Something to tell about what the caller hears.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="ResponseId">To which response.</param>
/// <param name="Item">What was cut off; for <see cref="PlayoutNoticeKind.Truncated"/>.</param>
/// <param name="HeardMilliseconds">How much of it was heard.</param>
internal readonly record struct PlayoutNotice(PlayoutNoticeKind Kind, string ResponseId, OutputAudioItem? Item = null, int HeardMilliseconds = 0);

/// <summary>The events of section <c>output_audio_buffer</c> in OpenAI's reference, and the truncation that goes with the last.</summary>
internal enum PlayoutNoticeKind
{
    /// <summary>The first of a response's audio is on its way.</summary>
    Started,

    /// <summary>All of it has been played, and no more comes.</summary>
    Stopped,

    /// <summary>It was cut off.</summary>
    Cleared,

    /// <summary>The engine has to be told how much of an item was heard.</summary>
    Truncated,
}
