namespace VoiceCarnival.Fuzz;

/// <summary>Something that reads bytes nobody vouches for.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Run">Reads one input; an exception is a defect.</param>
/// <param name="Corpus">Inputs to start from.</param>
internal sealed record Target(string Name, Action<byte[]> Run, IReadOnlyList<byte[]> Corpus);
