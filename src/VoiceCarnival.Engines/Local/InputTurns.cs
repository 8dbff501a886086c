using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// The caller's side of the dialogue: the input audio buffer, where turns begin and end in it, and what is committed as an item.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Its owner is told when the session is over, and calls RemoveFilter.")]
internal sealed class InputTurns(
    DialogueState state, Func<AudioFormat, IVoiceActivityDetector> createDetector, Func<AudioFormat, INoiseSuppressor?>? createSuppressor, Responses responses, Action<long, TimeSpan> onTurn, int maxInputSeconds)
{
    private const int MinCommitMs = 100;
    private const int MaxPieceMs = 1000;
    private InputAudioBuffer _buffer = new(AudioFormat.Pcm24k);
    private TurnDetector? _detector;
    private NoiseFilter? _filter;
    private string? _pendingItemId;
    private long _onsetMs;
    private bool _stopIsDue;
    private bool _overflowReported;

    /// <summary>True while the caller is heard speaking.</summary>
    public bool Speaking => _detector is { Speaking: true };

    /// <summary>The id that the turn under way will be committed under; null between turns.</summary>
    public string? AnnouncedItemId => _pendingItemId;

    /// <summary>Since when nobody has spoken, for the idle timeout.</summary>
    public TimeSpan LastSpeech { get; private set; }

    public AudioFormat Format => _buffer.Format;

    /// <summary>Takes over the session's input settings, whole or changed.</summary>
    public void Configure(AudioInputSettings settings)
    {
        var format = WireFormats.Of(settings.Format);
        if (format != _buffer.Format)
        {
            // The words so far are a turn of their own; sound that is no turn yet is carried over.
            if (_detector is { Speaking: true } speaking)
                StopTurn(speaking);
            _buffer = _buffer.ConvertTo(format);
            _detector = null;
            RemoveFilter();
        }

        bool isNoisy = settings.NoiseReduction.ValueKind == JsonValueKind.Object;
        if (!isNoisy)
            RemoveFilter();
        else if (_filter is null && createSuppressor?.Invoke(format) is { } suppressor)
            _filter = new NoiseFilter(suppressor, format);

        if (settings.TurnDetection is not { } detection)
        {
            // The caller commits what it has begun to say, under the id that it was told.
            StopSpeech();
            _detector = null;
        }
        else if (_detector is null)
        {
            _detector = new TurnDetector(() => createDetector(format), format, detection);
        }
        else
        {
            _detector.Settings = detection;
        }
    }

    /// <summary>Appends audio in the session's input format; turns that begin or end in it are acted on in order.</summary>
    /// <returns>An error to tell, or null.</returns>
    public RealtimeError? Append(ReadOnlySpan<byte> audio)
    {
        if (_filter is null)
            return AppendClean(audio);
        // In pieces, so that a chunk of any length needs no more room than that.
        int length = MaxPieceMs * _buffer.Format.BytesPerMillisecond;
        for (; _filter is { } filter && !audio.IsEmpty; audio = audio[Math.Min(length, audio.Length)..])
        {
            if (AppendClean(filter.Process(audio[..Math.Min(length, audio.Length)])) is { } error)
                return error;
        }

        return null;
    }

    /// <summary>Gives back what the noise reduction holds; the session is over.</summary>
    public void RemoveFilter()
    {
        _filter?.Dispose();
        _filter = null;
    }

    private RealtimeError? AppendClean(ReadOnlySpan<byte> audio)
    {
        while (!audio.IsEmpty)
        {
            if (_detector is not { } detector)
                return AppendUndetected(audio);
            detector.MayInterrupt = responses.IsHeard;
            // In pieces, so that the buffer never holds much more than it may, however large the chunk.
            var change = detector.Process(audio[..Math.Min(audio.Length, MaxPieceMs * _buffer.Format.BytesPerMillisecond)], out int taken);
            _buffer.Append(audio[..taken]);
            if (_stopIsDue)
                HearMore(detector, audio[..taken]);
            audio = audio[taken..];
            if (change == SpeechTransition.Started)
                StartTurn(detector);
            else if (change == SpeechTransition.Stopped || (detector.Speaking && _buffer.Milliseconds >= maxInputSeconds * 1000L))
                StopTurn(detector);
            else if (!detector.Speaking)
                _buffer.TrimTo(_buffer.End - Bytes(Math.Max(PrefixMs(detector) + TurnDetector.MaxOnsetMs, IdleMs(detector))));
        }

        return null;
    }

    /// <summary><c>input_audio_buffer.commit</c></summary>
    public RealtimeError? Commit()
    {
        if (_buffer.Milliseconds < MinCommitMs)
        {
            return RealtimeError.Invalid(RealtimeErrorCodes.InputAudioBufferCommitEmpty,
                $"Error committing input audio buffer: buffer too small. Expected at least {MinCommitMs}ms of audio, but buffer only has {_buffer.Milliseconds:0.00}ms of audio.");
        }

        StopSpeech();
        CommitItem(goesOn: false);
        return null;
    }

    /// <summary><c>input_audio_buffer.clear</c></summary>
    public void Clear()
    {
        _buffer.Clear();
        _detector?.EndTurn();
        _stopIsDue = false;
        state.Hearing.End();
        _pendingItemId = null;
        _overflowReported = false;
        state.Emit.Begin(ServerEventTypes.BufferCleared);
        state.Emit.End();
    }

    /// <summary>The idle timeout passed: the silence since the last answer becomes an item (the schema of <c>input_audio_buffer.timeout_triggered</c>).</summary>
    public void TimeOut()
    {
        if (_detector is { } detector)
            _buffer.TrimTo(_buffer.End - Bytes(IdleMs(detector)));
        string id = _pendingItemId ??= RealtimeIds.New("item");
        var writer = state.Emit.Begin(ServerEventTypes.BufferTimeoutTriggered);
        writer.WriteNumber("audio_start_ms", _buffer.ToMilliseconds(_buffer.Start));
        writer.WriteNumber("audio_end_ms", _buffer.ToMilliseconds(_buffer.End));
        writer.WriteString("item_id", id);
        state.Emit.End();
        CommitItem();
    }

    private RealtimeError? AppendUndetected(ReadOnlySpan<byte> audio)
    {
        if (_buffer.Length + (long)audio.Length > maxInputSeconds * 1000L * _buffer.Format.BytesPerMillisecond)
        {
            // Said once per full buffer: at fifty frames a second the complaint would drown everything else.
            bool first = !_overflowReported;
            _overflowReported = true;
            return first
                ? RealtimeError.Invalid("input_audio_buffer_full", $"The input audio buffer holds at most {maxInputSeconds} seconds. Commit or clear it; audio is dropped until then.")
                : null;
        }

        _buffer.Append(audio);
        return null;
    }

    private void StartTurn(TurnDetector detector)
    {
        _buffer.TrimTo(_buffer.End - Bytes(PrefixMs(detector) + detector.OnsetMs));
        _onsetMs = Math.Max(0, _buffer.Milliseconds - detector.OnsetMs);
        _pendingItemId = RealtimeIds.New("item");
        _stopIsDue = true;
        LastSpeech = state.Now;
        SpeechEvent(ServerEventTypes.SpeechStarted, "audio_start_ms", _buffer.ToMilliseconds(_buffer.Start));
        if (detector.Settings.InterruptResponse)
            responses.Interrupt();
        detector.Outlook = SentenceOutlook.Unknown;
        state.Hearing.Begin(_pendingItemId, _buffer.Format, _buffer.Bytes);
    }

    private void HearMore(TurnDetector detector, ReadOnlySpan<byte> audio)
    {
        state.Hearing.Append(audio);
        if (detector.Settings.IsSemantic)
            detector.Outlook = SentenceOutlooks.Of(state.Hearing.SoFar);
    }

    private void StopTurn(TurnDetector detector)
    {
        var silence = detector.Silence;
        StopSpeech();
        long onset = _onsetMs;
        CommitItem();
        if (detector.Settings.CreateResponse)
            onTurn(onset, silence);
    }

    // Whatever ends the caller's speech, whoever was told of its start is told of its end.
    private void StopSpeech()
    {
        if (!_stopIsDue)
            return;
        _stopIsDue = false;
        SpeechEvent(ServerEventTypes.SpeechStopped, "audio_end_ms", _buffer.ToMilliseconds(_buffer.End));
        LastSpeech = state.Now;
        _detector?.EndTurn();
    }

    private void CommitItem(bool goesOn = true)
    {
        var clip = _buffer.Take(goesOn);
        _overflowReported = false;
        var part = new ContentPart { Type = "input_audio", Audio = clip.Bytes, AudioFormat = clip.Format.WireType, AudioMilliseconds = clip.Milliseconds };
        var item = new ConversationItem { Id = _pendingItemId ?? RealtimeIds.New("item"), Type = "message", Role = "user", Content = [part] };
        _pendingItemId = null;
        string? previous = state.Conversation.Append(item);
        var writer = state.Emit.Begin(ServerEventTypes.BufferCommitted);
        writer.WriteString("item_id", item.Id);
        writer.WriteString("previous_item_id", previous);
        state.Emit.End();
        state.Emit.Item(ServerEventTypes.ItemAdded, item, previous);
        state.Emit.Item(ServerEventTypes.ItemDone, item, previous);
        state.Hearing.Transcribe(item, part);
    }

    private void SpeechEvent(string type, string name, long ms)
    {
        var writer = state.Emit.Begin(type);
        writer.WriteNumber(name, ms);
        writer.WriteString("item_id", _pendingItemId);
        state.Emit.End();
    }

    private long Bytes(int milliseconds) => (long)milliseconds * _buffer.Format.BytesPerMillisecond;

    private static int IdleMs(TurnDetector detector) => detector.Settings.IsSemantic ? 0 : detector.Settings.IdleTimeoutMs ?? 0;

    private static int PrefixMs(TurnDetector detector) => detector.Settings.IsSemantic ? 300 : detector.Settings.PrefixPaddingMs;
}
