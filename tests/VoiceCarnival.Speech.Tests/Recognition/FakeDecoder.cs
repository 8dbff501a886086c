using VoiceCarnival.Speech.Recognition;

namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>A decoder that "understands" how many samples it was given, and keeps account of what it was asked.</summary>
internal sealed class FakeDecoder : ISpeechDecoder
{
    private int _heard;

    /// <summary>Lengths of what was recognised as a whole.</summary>
    public List<int> Wholes { get; } = [];

    /// <summary>How often listening began.</summary>
    public int Begins { get; private set; }

    /// <summary>Done before a whole is recognised.</summary>
    public Action BeforeWhole { get; init; } = static () => { };

    public void Begin()
    {
        Begins++;
        _heard = 0;
    }

    public string Listen(ReadOnlySpan<short> samples)
    {
        _heard += samples.Length;
        return $"heard{_heard}";
    }

    public string Recognise(ReadOnlySpan<short> samples)
    {
        BeforeWhole();
        Wholes.Add(samples.Length);
        return $"whole{samples.Length}";
    }
}
