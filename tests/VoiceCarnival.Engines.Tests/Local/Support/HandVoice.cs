using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>A voice that speaks when the test says so.</summary>
internal sealed class HandVoice : IVoice
{
    public const int MillisecondsPerWord = 300;

    public List<Sentence> Asked { get; } = [];

    public IEnumerable<string> Texts => Asked.Select(sentence => sentence.Text);

    public IDisposable Speak(string sentence, AudioOutputSettings settings, AudioFormat format, IVoiceSink sink)
    {
        var asked = new Sentence(sentence, settings, format, sink);
        Asked.Add(asked);
        return asked;
    }

    internal sealed record Sentence(string Text, AudioOutputSettings Settings, AudioFormat Format, IVoiceSink Sink) : IDisposable
    {
        public bool IsStopped { get; private set; }

        public void Dispose() => IsStopped = true;

        public IReadOnlyList<WordTime> Words
        {
            get
            {
                var words = new List<WordTime>();
                for (int i = 0; i < Text.Length; i++)
                {
                    int start = i;
                    while (i < Text.Length && Text[i] != ' ')
                        i++;
                    if (i > start)
                        words.Add(new WordTime(start, i - start, At(words.Count), At(words.Count + 1)));
                }

                return words;

                static TimeSpan At(int word) => TimeSpan.FromMilliseconds(word * MillisecondsPerWord);
            }
        }

        /// <summary>A tone of 300 ms for every word, with their times.</summary>
        public void Finish(DialogueHarness h, bool withWords = true) => h.Run(() =>
        {
            if (IsStopped)
                return;
            if (withWords)
                Sink.AddWords(Words);
            Sink.Add(new byte[Words.Count * MillisecondsPerWord * Format.BytesPerMillisecond]);
            Sink.Complete();
        });
    }
}
