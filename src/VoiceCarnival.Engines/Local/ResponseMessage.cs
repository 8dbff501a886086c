using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>The message item that a response is speaking or writing: one content part, its deltas, and how far they got.</summary>
internal sealed class ResponseMessage(
    DialogueState state, ResponseEvents events, Response response, ConversationItem item, ContentPart part, int outputIndex, string? previousItemId)
{
    // What was said, for the item; of more than the conversation keeps, nothing.
    private readonly List<Utterance> _said = [];
    private bool _isTooLong;
    private Utterance? _utterance;
    private string? _problem;
    private string _separator = string.Empty;
    private int _transcriptSent;
    private long _sentBefore;
    private OutputAudioItem? _audioItem;

    public string PartType => part.Type;

    public ConversationItem Item => item;

    public int OutputIndex => outputIndex;

    public string? PreviousItemId => previousItemId;

    /// <summary>True while an utterance is not all sent.</summary>
    public bool IsSpeaking => _utterance is not null;

    /// <summary>True when there is audio to send now; false while it is still being made.</summary>
    public bool HasPendingAudio => _utterance is { HasMore: true };

    /// <summary>What kept the last utterance from being said; null when nothing did.</summary>
    public string? Problem => _problem;

    public void Write(string text)
    {
        foreach (var piece in TextPieces.Of(text))
            events.Text(ServerEventTypes.OutputTextDelta, item.Id, outputIndex, "delta", piece);
        part.Text += text;
    }

    /// <summary>Begins an utterance; <see cref="EmitAudio"/> sends it.</summary>
    public void Say(Utterance utterance)
    {
        var format = utterance.Format;
        _audioItem ??= new OutputAudioItem
        {
            Ordinal = ++state.AudioItems,
            ItemId = item.Id,
            ResponseId = response.Id,
            OutputIndex = outputIndex,
            ContentIndex = 0,
            Format = format.WireType,
            SampleRate = format.SampleRate,
        };
        _utterance = utterance;
        _problem = null;
        response.Pacer.Begin(state.Now);
        _separator = part.Transcript!.Length > 0 && !char.IsWhiteSpace(part.Transcript[^1]) && utterance.Transcript.Length > 0 ? " " : string.Empty;
        _transcriptSent = 0;
    }

    /// <summary>Sends what has come, and what the pace and the token budget allow.</summary>
    /// <returns>True when the utterance is all sent.</returns>
    public bool EmitAudio()
    {
        var utterance = _utterance!;
        int perMs = utterance.Format.BytesPerMillisecond;
        int delta = Math.Max(1, (int)state.Pace.Delta.TotalMilliseconds) * perMs;
        if (utterance.HasMore)
            response.OnSound();
        while (utterance.HasMore)
        {
            int most = delta;
            if (response.RemainingTokens < int.MaxValue)
                most = (int)Math.Min(most, (long)response.RemainingTokens * TokenUsage.AgentMillisecondsPerToken * perMs);
            int bytes = Math.Min(most, utterance.NextLength);
            if (bytes <= 0 || !state.Emit.HasRoom || !response.Pacer.TryTake(TimeSpan.FromMilliseconds((double)bytes / perMs), state.Now))
                return false;
            long offset = _sentBefore + utterance.Taken;
            response.OnSending();
            EmitTranscript(utterance.TranscriptUpTo(utterance.Taken + bytes));
            var piece = utterance.Take(bytes);
            state.Emit.Audio(new EngineAudio
            {
                Item = _audioItem!,
                SampleOffset = offset / utterance.Format.BytesPerSample,
                SampleCount = bytes / utterance.Format.BytesPerSample,
                Payload = piece.Span,
            });
            part.AudioMilliseconds = (_sentBefore + utterance.Taken) / perMs;
        }

        if (!utterance.IsComplete)
            return false;
        // What could not be said was not heard.
        EmitTranscript(utterance.Problem is null ? utterance.Transcript.Length : utterance.TranscriptUpTo(utterance.Taken));
        EndUtterance();
        return true;
    }

    /// <summary>Sends the done events of the part.</summary>
    public void CloseParts()
    {
        if (part.Type == "output_audio")
        {
            EndUtterance();
            part.Audio = SaidAudio();
            events.Text(ServerEventTypes.OutputAudioDone, item.Id, outputIndex, null, default);
            events.Text(ServerEventTypes.OutputAudioTranscriptDone, item.Id, outputIndex, "transcript", part.Transcript);
        }
        else
        {
            events.Text(ServerEventTypes.OutputTextDone, item.Id, outputIndex, "text", part.Text);
        }

        events.Part(ServerEventTypes.ContentPartDone, item.Id, outputIndex, part);
    }

    // The words run with the audio, whole words at a time, and a little ahead of it.
    private void EmitTranscript(int upTo)
    {
        if (upTo <= _transcriptSent)
            return;
        string piece = string.Concat(_transcriptSent == 0 ? _separator : string.Empty, _utterance!.Transcript.AsSpan(_transcriptSent, upTo - _transcriptSent));
        events.Text(ServerEventTypes.OutputAudioTranscriptDelta, item.Id, outputIndex, "delta", piece);
        part.Transcript += piece;
        _transcriptSent = upTo;
    }

    // Which words were sent and when each has been heard, for a truncation to come.
    private void EndUtterance()
    {
        if (_utterance is not { } utterance)
            return;
        _utterance = null;
        int start = part.Transcript!.Length - _transcriptSent;
        long startMs = _sentBefore / utterance.Format.BytesPerMillisecond;
        foreach (var (end, heardAtMs) in utterance.HeardWords())
        {
            if (end <= _transcriptSent)
                (part.Words ??= []).Add(new TranscriptWord(start + end, startMs + heardAtMs));
        }

        _sentBefore += utterance.Taken;
        _problem = utterance.Problem;
        _isTooLong = _isTooLong || _sentBefore / utterance.Format.BytesPerMillisecond > state.Conversation.MaxAudioMilliseconds;
        if (_isTooLong)
            _said.Clear();
        else
            _said.Add(utterance);
    }

    private ReadOnlyMemory<byte> SaidAudio()
    {
        if (_said is [var only])
            return only.TakenAudio();
        var all = new byte[_said.Sum(static utterance => utterance.Taken)];
        int at = 0;
        foreach (var utterance in _said)
        {
            utterance.CopyTaken(all.AsSpan(at));
            at += utterance.Taken;
        }

        return all;
    }
}
