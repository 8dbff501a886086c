namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>One step of a response.</summary>
public abstract record ResponseStep;

/// <summary>Speech. Steps of speech that follow each other are one item.</summary>
/// <param name="Clip">The audio.</param>
/// <param name="Transcript">Its words, where known.</param>
public sealed record SayStep(AudioClip Clip, string Transcript) : ResponseStep;

/// <summary>Text, which is spoken where there is a voice. Steps of text that follow each other are one item.</summary>
public sealed record TextStep(string Text) : ResponseStep
{
    /// <summary>It ends with a whole sentence, which need not wait for what follows.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>A function call.</summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">JSON text.</param>
public sealed record CallStep(string Name, string Arguments) : ResponseStep;

/// <summary>Nothing for a while.</summary>
public sealed record WaitStep(TimeSpan Duration) : ResponseStep;

/// <summary>Something goes wrong on purpose.</summary>
public sealed record FaultStep(Script.ScriptFault Fault) : ResponseStep;

/// <summary>The response fails with this error.</summary>
public sealed record FailStep(Protocols.Realtime.RealtimeError Error) : ResponseStep
{
    /// <summary>The caller is told by an <c>error</c> event, too. What was said before is whole.</summary>
    public bool IsTold { get; init; }
}

/// <summary>The answer is cut here: the response ends as incomplete.</summary>
/// <param name="IsFiltered">What would follow may not be said; else it became too long.</param>
public sealed record CutStep(bool IsFiltered) : ResponseStep;
