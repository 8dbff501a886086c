using VoiceCarnival.Engines.Local.Brains;

namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>A brain whose plans are filled by the test.</summary>
internal sealed class StepBrain(bool needsWords = false) : IBrain
{
    public bool NeedsWords => needsWords;

    public List<(BrainRequest Request, ResponsePlan Plan)> Asked { get; } = [];

    public ResponsePlan Plan => Asked[^1].Plan;

    public void Respond(BrainRequest request, ResponsePlan plan) => Asked.Add((request, plan));

    public void Say(DialogueHarness h, string text) => h.Run(() => Plan.Add(new TextStep(text)));

    public void Complete(DialogueHarness h) => h.Run(Plan.Complete);
}
