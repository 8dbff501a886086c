using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>The message item that a response is speaking or writing: one content part, its deltas, and how far they got.</summary>
internal sealed class ResponseMessage(
    DialogueState state, ResponseEvents events, Response response, ConversationItem item, ContentPart part, int outputIndex, string? previousItemId)
{
    private AudioClip _clip;
    private int _clipSent;
    private string _transcript = string.Empty;
    private int _transcriptSent;
    private ReadOnlyMemory<byte> _before;
    private long _sentBefore;
    private OutputAudioItem? _audioItem;

    public string PartType => part.Type;

    public ConversationItem Item => item;

    public int OutputIndex => outputIndex;

    public string? PreviousItemId => previousItemId;

    public bool HasPendingAudio => _clipSent < _clip.Bytes.Length;

    public void Write(string text)
    {
        foreach (var piece in TextPieces.Of(text))
            events.Text(ServerEventTypes.OutputTextDelta, item.Id, outputIndex, "delta", piece);
        part.Text += text;
    }

    /// <summary>Begins a clip; <see cref="EmitAudio"/> sends it.</summary>
    public void Say(SayStep say)
    {
        var format = WireFormats.Of(response.Options.Output.Format);
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
        _before = part.Audio;
        _clip = say.Clip.ConvertTo(format);
        _clipSent = 0;
        response.Pacer.Begin(state.Now);
        _transcript = part.Transcript!.Length > 0 && say.Transcript.Length > 0 ? " " + say.Transcript : say.Transcript;
        _transcriptSent = 0;
        if (_clip.Bytes.IsEmpty)
            EmitTranscript(_transcript.Length);
    }

    /// <summary>Sends what the pace and the token budget allow.</summary>
    /// <returns>True when the clip is all sent.</returns>
    public bool EmitAudio()
    {
        int perMs = _clip.Format.BytesPerMillisecond;
        int delta = Math.Max(1, (int)state.Pace.Delta.TotalMilliseconds) * perMs;
        while (HasPendingAudio)
        {
            int bytes = Math.Min(delta, _clip.Bytes.Length - _clipSent);
            if (response.RemainingTokens < int.MaxValue)
                bytes = (int)Math.Min(bytes, (long)response.RemainingTokens * TokenUsage.AgentMillisecondsPerToken * perMs);
            var length = TimeSpan.FromMilliseconds((double)bytes / perMs);
            if (bytes <= 0 || !state.Emit.HasRoom || !response.Pacer.TryTake(length, state.Now))
                return false;
            EmitTranscript((int)((_clipSent + (long)bytes) * _transcript.Length / _clip.Bytes.Length));
            state.Emit.Audio(new EngineAudio
            {
                Item = _audioItem!,
                SampleOffset = (_sentBefore + _clipSent) / _clip.Format.BytesPerSample,
                SampleCount = bytes / _clip.Format.BytesPerSample,
                Payload = _clip.Bytes.Span.Slice(_clipSent, bytes),
            });
            _clipSent += bytes;
            part.AudioMilliseconds = (_sentBefore + _clipSent) / perMs;
        }

        EmitTranscript(_transcript.Length);
        KeepAudio();
        return true;
    }

    /// <summary>Sends the done events of the part.</summary>
    public void CloseParts()
    {
        if (part.Type == "output_audio")
        {
            KeepAudio();
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
        while (upTo < _transcript.Length && !char.IsWhiteSpace(_transcript[upTo]))
            upTo++;
        if (upTo <= _transcriptSent)
            return;
        var piece = _transcript.AsSpan(_transcriptSent, upTo - _transcriptSent);
        events.Text(ServerEventTypes.OutputAudioTranscriptDelta, item.Id, outputIndex, "delta", piece);
        part.Transcript = string.Concat(part.Transcript, piece);
        _transcriptSent = upTo;
    }

    // One clip is kept as a slice of the brain's own memory; only a second clip costs a copy.
    private void KeepAudio()
    {
        if (_audioItem is null)
            return;
        var sent = _clip.Bytes[.._clipSent];
        part.Audio = _before.IsEmpty ? sent : (byte[])[.. _before.Span, .. sent.Span];
        _sentBefore += _clipSent;
        _before = part.Audio;
        _clip = new AudioClip(_clip.Bytes[_clipSent..], _clip.Format);
        _clipSent = 0;
    }
}
