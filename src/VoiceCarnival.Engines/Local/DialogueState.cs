using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>What the parts of a dialogue share. Time is an argument to the dialogue and is kept here while an input is worked on.</summary>
internal sealed class DialogueState
{
    public required RealtimeSession Session { get; set; }

    public required EventEmitter Emit { get; init; }

    public required Conversation Conversation { get; init; }

    public required IBrain Brain { get; init; }

    /// <summary>What text is spoken with; null when there is nothing.</summary>
    public IVoice? Voice { get; init; }

    /// <summary>What the caller's turns are understood with.</summary>
    public TurnHearing Hearing { get; set; } = null!;

    public required OutputPace Pace { get; init; }

    public required Random Random { get; init; }

    /// <summary>Time of the input being worked on.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>Counts items with audio, for <see cref="Sessions.OutputAudioItem.Ordinal"/>.</summary>
    public uint AudioItems { get; set; }

    /// <summary>Input tokens of the response before, which count as cached in the next.</summary>
    public int CachedTokens { get; set; }

    /// <summary>Tokens used, for <c>rate_limits.updated</c>.</summary>
    public long TokensUsed { get; set; }
}
