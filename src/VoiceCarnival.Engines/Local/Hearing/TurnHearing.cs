using VoiceCarnival.Audio;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>
/// What the caller's turns are understood as: words while a turn is spoken, the transcript of the whole once it is committed, and the protocol's events of both where the session asked for
/// them. Without a recogniser there are no words; none are invented.
/// </summary>
internal sealed class TurnHearing(DialogueState state, IRecognizer? recognizer, string? noRecognizerReason = null)
{
    // A caller who commits faster than the recogniser works is told so.
    private const int MaxPending = 8;

    // Recognisers have shorter time limits of their own; this is for those that have none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Where words were understood while they were spoken, the whole is waited for no longer than this after the recogniser was last heard of: somebody is waiting for an answer.
    private static readonly TimeSpan PatienceWithWords = TimeSpan.FromSeconds(4);

    // And no longer than this in all: people say it again then.
    private static readonly TimeSpan MostPatienceWithWords = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);
    private readonly LiveWords _live = new();
    private IListening? _listening;
    private string? _listeningTo;

    /// <summary>When the first of the transcripts that are waited for is given up.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = null;
            foreach (var pending in _pending.Values)
            {
                if (next is null || pending.Deadline < next)
                    next = pending.Deadline;
            }

            return next;
        }
    }

    /// <summary>What has been understood of the turn that is being spoken; null before its first word.</summary>
    public string? SoFar => _live.Hypothesis;

    private bool IsReported => state.Session.Input.Transcription.ValueKind == System.Text.Json.JsonValueKind.Object;

    private RecognitionHints Hints => new(Setting("language"), Setting("prompt"));

    /// <summary>True while the words of one of these items are still to come.</summary>
    public bool IsAwaited(IReadOnlyList<ConversationItem> items)
    {
        if (_pending.Count == 0)
            return false;
        foreach (var item in items)
        {
            if (_pending.ContainsKey(item.Id))
                return true;
        }

        return false;
    }

    /// <summary>A turn has begun.</summary>
    public void Begin(string itemId, AudioFormat format, ReadOnlySpan<byte> soFar)
    {
        End();
        _live.Clear();
        if (recognizer is null || _pending.Count >= MaxPending || !(IsReported || state.Brain.NeedsWords || state.Session.Input.TurnDetection is { IsSemantic: true }))
            return;
        _listening = recognizer.Listen(format, Hints, text => Understood(itemId, text), result => Done(itemId, result));
        _listeningTo = itemId;
        _listening?.Append(soFar);
    }

    /// <summary>More of the turn.</summary>
    public void Append(ReadOnlySpan<byte> audio) => _listening?.Append(audio);

    /// <summary>The turn was thrown away.</summary>
    public void End()
    {
        _listening?.Dispose();
        _listening = null;
    }

    /// <summary>A turn was committed as an item.</summary>
    public void Transcribe(ConversationItem item, ContentPart part)
    {
        var listening = _listeningTo == item.Id ? _listening : null;
        if (listening is null || state.Brain.Transcribe(item) is not null || !(IsReported || state.Brain.NeedsWords))
            End();
        if (state.Brain.Transcribe(item) is { } known)
        {
            Complete(item, part, known, Told(item.Id));
        }
        else if (_listening is not null)
        {
            _listening = null;
            var pending = Await(item, part, false);
            (pending.Work, pending.Told) = (listening, Told(item.Id));
            if (_live.ItemId == item.Id && _live.Hypothesis is { Length: > 0 } words)
                Know(pending, words);
            listening!.Finish();
        }
        else if (recognizer is null)
        {
            Fail(item, "transcription_unavailable", noRecognizerReason ?? "The local engine has no speech recogniser, so what was said stays without a transcript.");
        }
        else if (IsReported || state.Brain.NeedsWords)
        {
            Begin(item, part);
        }
    }

    /// <summary>Finds the words of turns that came as items with audio, when the brain needs them.</summary>
    public void TranscribeMissing(IReadOnlyList<ConversationItem> context)
    {
        if (recognizer is null || !state.Brain.NeedsWords)
            return;
        for (int i = Math.Max(0, context.Count - MaxPending); i < context.Count; i++)
        {
            foreach (var part in context[i].Content)
            {
                if (part is { Type: "input_audio", Transcript: null, Audio.IsEmpty: false } && !_pending.ContainsKey(context[i].Id))
                    Begin(context[i], part, isSilent: true);
            }
        }
    }

    /// <summary>Gives up what has taken too long.</summary>
    public void Advance()
    {
        foreach (var (id, pending) in _pending)
        {
            if (pending.Deadline > state.Now)
                continue;
            _pending.Remove(id);
            pending.Work?.Dispose();
            if (pending.Known is { } words)
            {
                Complete(pending.Item, pending.Part, words, pending.Told);
                continue;
            }

            pending.Part.Transcript ??= string.Empty;
            Fail(pending.Item, "transcription_timeout", "The speech recogniser took too long.", pending.IsSilent);
        }
    }

    /// <summary>The session is over.</summary>
    public void Abandon()
    {
        End();
        foreach (var pending in _pending.Values)
            pending.Work?.Dispose();
        _pending.Clear();
    }

    private void Begin(ConversationItem item, ContentPart part, bool isSilent = false)
    {
        if (_pending.Count >= MaxPending)
        {
            part.Transcript ??= string.Empty;
            Fail(item, "transcription_overloaded", "The recogniser is still busy with earlier turns.", isSilent);
            return;
        }

        var clip = new AudioClip(part.Audio, WireFormats.Of(part.AudioFormat));
        Await(item, part, isSilent).Work = recognizer!.Transcribe(clip, Hints, result => Done(item.Id, result));
    }

    private Pending Await(ConversationItem item, ContentPart part, bool isSilent) =>
        _pending[item.Id] = new Pending(item, part, isSilent) { Deadline = state.Now + Patience + TimeSpan.FromMilliseconds(part.AudioMilliseconds) };

    private void Done(string itemId, Transcription result)
    {
        if (!_pending.Remove(itemId, out var pending))
            return;
        pending.Part.Transcript = result.Text ?? string.Empty;
        if (result.Text is null)
            Fail(pending.Item, "transcription_failed", result.Problem ?? "The speech recogniser failed.", pending.IsSilent);
        else if (!pending.IsSilent)
            Complete(pending.Item, pending.Part, result.Text, pending.Told);
    }

    private void Understood(string itemId, string text)
    {
        // Once the turn is over, the whole is waited for, and a little longer while the recogniser goes on.
        if (_pending.TryGetValue(itemId, out var pending) && text.Length > 0)
        {
            Know(pending, text);
            return;
        }

        if (_listening is null || _listeningTo != itemId)
            return;
        _live.Take(itemId, text);
        if (IsReported && _live.Tell() is { Length: > 0 } news)
            TranscriptionEvents.Delta(state.Emit, itemId, news);
    }

    private void Know(Pending pending, string words)
    {
        pending.KnownSince ??= state.Now;
        var last = pending.KnownSince.Value + MostPatienceWithWords;
        (pending.Known, pending.Deadline) = (words, state.Now + PatienceWithWords < last ? state.Now + PatienceWithWords : last);
    }

    // What was told of a turn while it was spoken; the next may have begun when the whole comes.
    private string Told(string itemId) => _live.ItemId == itemId ? _live.Told : string.Empty;

    private void Complete(ConversationItem item, ContentPart part, string text, string told)
    {
        part.Transcript = text;
        if (!IsReported)
            return;
        // What was told while the turn was spoken is not told again. Where the whole is understood otherwise than its beginning was, only the whole is told.
        string rest = text.StartsWith(told, StringComparison.Ordinal) ? text[told.Length..] : string.Empty;
        foreach (var piece in TextPieces.Of(rest))
            TranscriptionEvents.Delta(state.Emit, item.Id, piece);
        TranscriptionEvents.Completed(state.Emit, item.Id, text, part.AudioMilliseconds);
    }

    // Who asked for transcripts is told by their event. Others are told where an answer hangs on the words.
    private void Fail(ConversationItem item, string code, string message, bool isSilent = false)
    {
        var error = new RealtimeError(RealtimeError.ServerError, code, message);
        if (IsReported && !isSilent)
            TranscriptionEvents.Failed(state.Emit, item.Id, error);
        else if (recognizer is not null && state.Brain.NeedsWords)
            state.Emit.Error(error, null);
    }

    private string? Setting(string name) => IsReported && state.Session.Input.Transcription.TryGetProperty(name, out var value)
        && value.ValueKind == System.Text.Json.JsonValueKind.String ? value.GetString() : null;

    private sealed record Pending(ConversationItem Item, ContentPart Part, bool IsSilent)
    {
        public TimeSpan Deadline { get; set; }

        // What was understood so far, and since when there are words at all.
        public string? Known { get; set; }

        public TimeSpan? KnownSince { get; set; }

        public string Told { get; set; } = string.Empty;

        public IDisposable? Work { get; set; }
    }
}
