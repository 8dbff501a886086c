using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>
/// Says back what the caller said: as sound, in the caller's own audio, which needs nothing and so always works; or as words, once a recogniser has understood them, in a voice of its own.
/// </summary>
/// <param name="repeatsWords">True for words.</param>
public sealed class EchoBrain(bool repeatsWords = false) : IBrain
{
    // Soft first sounds ("wh", "f") come up to 150 ms before what the detector is sure of.
    private const int LeadInMs = 200;

    /// <inheritdoc/>
    public bool NeedsWords => repeatsWords;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        var last = request.Context.LastOrDefault(item => item.Type == "function_call_output" || item.Role == "user");
        var speech = last?.Content.FindLast(part => part.Type == "input_audio");
        if (last?.Type == "function_call_output")
            plan.Add(new TextStep($"The tool said: {last.Output}"));
        else if (!repeatsWords && speech is { Audio.IsEmpty: false } && request.Options.OutputModality == "audio")
            plan.Add(new SayStep(Trim(speech, request.Onset), speech.Transcript ?? string.Empty));
        else if (last?.Text is { Length: > 0 } text)
            plan.Add(new TextStep(text));
        else if (speech is not null && repeatsWords)
            plan.Add(new TextStep("I heard you, but I did not understand the words."));
        else if (speech is not null)
            plan.Add(new TextStep($"I heard {speech.AudioMilliseconds / 1000.0:0.0} seconds of speech."));
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
