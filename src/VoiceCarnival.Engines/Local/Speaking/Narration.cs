using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Speaking;

/// <summary>
/// Makes speech of text as it is written: cut into sentences, each made while the one before it is heard and none beyond that, so that an interruption throws little away.
/// </summary>
internal sealed class Narration(IVoice voice, AudioOutputSettings settings, AudioFormat format)
{
    // Two hours. Nobody listens to more; what is beyond is left out, and so is not told to have been said.
    private const int MaxCharacters = 100_000;
    private readonly Queue<string> _sentences = new();
    private (Utterance Utterance, IDisposable Work)? _made;
    private string _rest = string.Empty;
    private int _characters;
    private (Utterance Utterance, IDisposable Work)? _heard;

    /// <summary>Takes text.</summary>
    public void Add(string text)
    {
        int room = MaxCharacters - _characters;
        if (text.Length > room)
            text = text[..(room > 0 && char.IsHighSurrogate(text[room - 1]) ? room - 1 : room)];
        _characters += text.Length;
        string all = _rest + text;
        int start = 0;
        for (int end = Sentences.FirstEnd(all); end > 0; end = Sentences.FirstEnd(all, start))
        {
            Queue(all[start..end]);
            start = end;
        }

        _rest = all[start..];
    }

    /// <summary>What there is of a sentence is one: the text ends here, or something else comes in between.</summary>
    public void EndSentence()
    {
        Queue(_rest);
        _rest = string.Empty;
    }

    /// <summary>Has the next sentence made when it is time: once the one that is heard is made, so that two do not keep each other from being heard.</summary>
    public void Proceed()
    {
        if (_made is not null || _heard is { Utterance.IsComplete: false } || !_sentences.TryDequeue(out string? sentence))
            return;
        var utterance = new Utterance(sentence, format);
        _made = (utterance, voice.Speak(sentence, settings, format, utterance));
    }

    /// <summary>The next utterance to be heard, in order; its sound may still be coming. The one before it is through.</summary>
    public bool TryTake(out Utterance utterance)
    {
        utterance = null!;
        if (_made is not { } made)
            return false;
        _heard?.Work.Dispose();
        (_heard, _made) = (made, null);
        utterance = made.Utterance;
        return true;
    }

    /// <summary>Nothing more is to be heard.</summary>
    public void Abandon()
    {
        _heard?.Work.Dispose();
        _heard = null;
        _made?.Work.Dispose();
        _made = null;
        _sentences.Clear();
        _rest = string.Empty;
    }

    private void Queue(string sentence)
    {
        if (!string.IsNullOrWhiteSpace(sentence))
            _sentences.Enqueue(sentence);
    }
}
