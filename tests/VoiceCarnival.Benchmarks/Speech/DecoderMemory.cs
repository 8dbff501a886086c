using VoiceCarnival.Speech.Recognition;

namespace VoiceCarnival.Benchmarks.Speech;

/// <summary>What PocketSphinx's decoders take of this machine's memory: the first, each one more, and what is left when they are let go of.</summary>
internal static class DecoderMemory
{
    private const int Decoders = 3;

    /// <param name="question">What each of them has recognised, 16 kHz.</param>
    public static void Measure(short[] question)
    {
        if (PocketSphinxModel.Find(null) is not { } model || !PocketSphinxLibrary.IsAvailable)
            return;
        double before = Resident();
        var decoders = new List<PocketSphinxDecoder>();
        var taken = new List<string>();
        for (int i = 0; i < Decoders; i++)
        {
            double without = Resident();
            decoders.Add(new PocketSphinxDecoder(model));
            decoders[i].Begin();
            decoders[i].Take(question);
            decoders[i].End();
            taken.Add(FormattableString.Invariant($"{Resident() - without:0}"));
        }

        foreach (var decoder in decoders)
            decoder.Dispose();
        Console.WriteLine(FormattableString.Invariant($"PocketSphinx: resident memory of {Decoders} decoders, one after the other: {string.Join(", ", taken)} MB; left when they are let go of: {Resident() - before:0} MB"));
    }

    private static double Resident()
    {
        GC.Collect();
        return Environment.WorkingSet / 1e6;
    }
}
