namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>The steps of one response, in order; the response takes them as its pace allows.</summary>
public sealed class ResponsePlan
{
    private readonly Queue<ResponseStep> _steps = new();
    private Action? _abandoned;

    /// <summary>True when no further steps will come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What a model counted; null where nothing did.</summary>
    public ModelUsage? Usage { get; set; }

    /// <summary>Adds a step.</summary>
    public ResponsePlan Add(ResponseStep step)
    {
        if (!IsComplete)
            _steps.Enqueue(step);
        return this;
    }

    /// <summary>Says that all steps are there.</summary>
    public void Complete() => IsComplete = true;

    /// <summary>Has something done when nobody wants further steps: the response was cancelled, or is through.</summary>
    public void WhenAbandoned(Action action) => _abandoned += action;

    /// <summary>Something other than text comes next.</summary>
    internal bool HasOther => _steps.TryPeek(out var next) && next is not TextStep;

    internal bool HasSteps => _steps.Count > 0;

    internal bool TryTake(out ResponseStep step) => _steps.TryDequeue(out step!);

    internal bool TryTakeText(out TextStep text)
    {
        text = null!;
        if (!_steps.TryPeek(out var next) || next is not TextStep written)
            return false;
        _steps.Dequeue();
        text = written;
        return true;
    }

    internal void Abandon()
    {
        IsComplete = true;
        var abandoned = _abandoned;
        _abandoned = null;
        abandoned?.Invoke();
    }
}
