using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>Says back what the caller said: speech in the caller's own audio, text as text. Needs nothing, so it always works.</summary>
public sealed class EchoBrain : IBrain
{
    // Soft first sounds ("wh", "f") come up to 150 ms before what the detector is sure of.
    private const int LeadInMs = 200;

    /// <inheritdoc/>
    public string? Transcribe(ConversationItem item) => null;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        var last = request.Context.LastOrDefault(item => item.Type == "function_call_output" || item.Role == "user");
        if (last?.Type == "function_call_output")
            plan.Add(new TextStep($"The tool said: {last.Output}"));
        else if (last?.Content.FindLast(part => part.Type == "input_audio" && !part.Audio.IsEmpty) is { } speech && request.Options.OutputModality == "audio")
            plan.Add(new SayStep(Trim(speech, request.Onset), speech.Transcript ?? string.Empty));
        else if (last?.Text is { Length: > 0 } text)
            plan.Add(new TextStep(text));
        else if (last?.Content.Find(part => part.Type == "input_audio") is { } heard)
            plan.Add(new TextStep($"I heard {heard.AudioMilliseconds / 1000.0:0.0} seconds of speech."));
        else
            plan.Add(new TextStep("Say something and I will say it back."));
        plan.Complete();
    }

    // The prefix padding is silence that the caller would have to wait through.
    private static AudioClip Trim(ContentPart speech, long onset)
    {
        var format = WireFormats.Of(speech.AudioFormat);
        int skip = (int)Math.Min(Math.Max(0, onset - LeadInMs) * format.BytesPerMillisecond, speech.Audio.Length);
        return new AudioClip(speech.Audio[skip..], format);
    }
}
