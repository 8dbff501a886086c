namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>What a frame changed.</summary>
public enum SpeechTransition
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Speech has started.</summary>
    Started,

    /// <summary>Speech has stopped.</summary>
    Stopped,
}
