using System.Runtime.CompilerServices;
using System.Threading.Channels;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>flite's English voices, in this process and without a network; as many sentences are made at a time as there are processors.</summary>
internal sealed class FliteVoices : ISentenceVoice, IWarmUp
{
    public string Name => "flite";

    public async IAsyncEnumerable<SpokenPiece> SpeakAsync(string text, SpeechStyle style, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!style.IsEnglish)
            throw new ModelServiceException(ModelServiceException.Synthesis, "language_unsupported", $"The language '{style.Language}' is not spoken here: flite's voices speak English. Where espeak-ng is installed, it speaks the others.");
        string plain = PlainText.Of(text, out var places);
        // flite gives no sound at all for text without a letter or digit. A smiley or three dots are not missed; words are.
        if (!plain.Any(char.IsAsciiLetterOrDigit))
        {
            if (Scripts.HasWords(text))
                throw new ModelServiceException(ModelServiceException.Synthesis, "language_unsupported", "This cannot be said here: flite's voices speak English. Where espeak-ng is installed, it speaks other languages.");
            yield break;
        }

        var listener = new Listener(new WordTimes(text, plain, places));
        _ = FliteThreads.Shared.SpeakAsync(FliteVoiceNames.VoiceOf(style.Voice), plain, style.Speed, listener, cancellationToken)
            .ContinueWith(static (ended, state) => ((Listener)state!).End(ended), listener, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (var piece in listener.Pieces.ReadAllAsync(cancellationToken))
            yield return piece;
    }

    public void WarmUp() => FliteThreads.Shared.SpeakAsync(FliteVoice.Slt, "Hello.", 1, new Listener(new WordTimes("", "", [])), CancellationToken.None).GetAwaiter().GetResult();

    private sealed class Listener(WordTimes words) : IFliteListener
    {
        private readonly Channel<SpokenPiece> _pieces = Channel.CreateUnbounded<SpokenPiece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        private bool _hasWords;

        public ChannelReader<SpokenPiece> Pieces => _pieces.Reader;

        public void OnToken(int textEnd, float begin, float end) => words.Add(textEnd, begin, end);

        public void OnSound(short[] samples)
        {
            _pieces.Writer.TryWrite(new SpokenPiece(samples, FliteInstance.SampleRate, _hasWords ? [] : words.All()));
            _hasWords = true;
        }

        public void End(Task speaking)
        {
            var problem = speaking.Exception?.InnerException;
            _pieces.Writer.TryComplete(problem is null or OperationCanceledException
                ? problem
                : new ModelServiceException(ModelServiceException.Synthesis, "synthesis_failed", "The synthesiser failed on this text.", problem));
        }
    }
}
