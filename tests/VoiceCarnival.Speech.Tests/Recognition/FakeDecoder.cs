using VoiceCarnival.Speech.Recognition;

namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>A decoder that "understands" how many samples it has searched, and keeps account of what it was asked.</summary>
internal class FakeDecoder : ISpeechDecoder
{
    private int _taken;
    private int _searched;

    /// <summary>Lengths of the utterances that ended.</summary>
    public List<int> Wholes { get; } = [];

    /// <summary>How much of the utterance there was whenever it was to adapt.</summary>
    public List<int> Adaptions { get; } = [];

    /// <summary>How often an utterance began.</summary>
    public int Begins { get; private set; }

    /// <summary>Done before an utterance is searched.</summary>
    public Action BeforeFirstSearch { get; init; } = static () => { };

    /// <summary>What it understands of so many samples.</summary>
    public Func<int, string> Understand { get; init; } = static searched => $"heard{searched}";

    public string Words => Understand(_searched);

    public void Begin()
    {
        Begins++;
        _taken = _searched = 0;
    }

    public void Take(ReadOnlySpan<short> samples) => _taken += samples.Length;

    public void Adapt() => Adaptions.Add(_taken);

    public bool Search(int milliseconds)
    {
        if (_searched == 0)
            BeforeFirstSearch();
        _searched = (int)Math.Min(_taken, _searched + (milliseconds * 16L));
        return _searched < _taken;
    }

    public string End()
    {
        if (_searched < _taken)
            Search(int.MaxValue);
        Wholes.Add(_taken);
        return $"whole{_taken}";
    }

    /// <summary>All of an utterance at once.</summary>
    public static string Recognise(ISpeechDecoder decoder, int samples)
    {
        decoder.Begin();
        decoder.Take(new short[samples]);
        return decoder.End();
    }
}
