namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>The steps of one response, in order; the response takes them as its pace allows.</summary>
public sealed class ResponsePlan
{
    private readonly Queue<ResponseStep> _steps = new();

    /// <summary>True when no further steps will come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Adds a step.</summary>
    public ResponsePlan Add(ResponseStep step)
    {
        if (!IsComplete)
            _steps.Enqueue(step);
        return this;
    }

    /// <summary>Says that all steps are there.</summary>
    public void Complete() => IsComplete = true;

    internal bool TryTake(out ResponseStep step) => _steps.TryDequeue(out step!);
}

/// <summary>One step of a response.</summary>
public abstract record ResponseStep;

/// <summary>Speech. Steps of speech that follow each other are one item.</summary>
/// <param name="Clip">The audio.</param>
/// <param name="Transcript">Its words, where known.</param>
public sealed record SayStep(AudioClip Clip, string Transcript) : ResponseStep;

/// <summary>Text. Steps of text that follow each other are one item.</summary>
public sealed record TextStep(string Text) : ResponseStep;

/// <summary>A function call.</summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">JSON text.</param>
public sealed record CallStep(string Name, string Arguments) : ResponseStep;

/// <summary>Nothing for a while.</summary>
public sealed record WaitStep(TimeSpan Duration) : ResponseStep;

/// <summary>Something goes wrong on purpose.</summary>
public sealed record FaultStep(Script.ScriptFault Fault) : ResponseStep;

/// <summary>The response fails with this error.</summary>
public sealed record FailStep(Protocols.Realtime.RealtimeError Error) : ResponseStep;
