using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// The agent's audio that waits to be played to one caller, item after item, and the account of what was: engine audio in, in bursts and faster than real time; frames
/// at the line's rate out, one per tick, with what there is to tell about them. Not thread-safe.
/// </summary>
/// <param name="sampleRate">Samples per second of the line.</param>
internal sealed class PlayQueue(int sampleRate)
{
    private const int CutResponses = 8;
    private const long MostHeldSeconds = 60;
    private const int ConversionBlock = 2048;
    // Long enough not to click, too short to hear a syllable of.
    private static readonly TimeSpan Fade = TimeSpan.FromMilliseconds(8);
    private readonly List<PlayItem> _items = [];
    private readonly Queue<string> _cutResponses = new();
    private readonly HashSet<string> _outOfBand = new(StringComparer.Ordinal);
    private readonly short[] _decoded = new short[ConversionBlock];
    private short[] _resampled = [];
    private Resampler? _resampler;
    private string? _playing;
    private bool _isPlayingDone;
    private bool _cutRequested;
    private bool _waited;

    /// <summary>Samples that wait.</summary>
    public int Count { get; private set; }

    /// <summary>How long they last.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds((double)Count / sampleRate);

    /// <summary>Nothing is played until somebody is there to hear it; what is said meanwhile waits.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Nothing waits, and nothing is known to come.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Takes a piece of an item's audio.</summary>
    /// <param name="item">Whose.</param>
    /// <param name="offset">Where in the item's audio it begins, in samples.</param>
    /// <param name="bytes">In the item's format.</param>
    public void Add(OutputAudioItem item, long offset, ReadOnlySpan<byte> bytes)
    {
        if (_cutResponses.Contains(item.ResponseId) || !AudioFormat.TryParse(item.Format, out var format))
            return;
        var playing = Find(item) ?? Begin(item, offset);
        while (!bytes.IsEmpty)
        {
            var block = bytes[..Math.Min(bytes.Length, ConversionBlock * format.BytesPerSample)];
            bytes = bytes[block.Length..];
            int count = format.Decode(block, _decoded);
            Append(playing, _decoded.AsSpan(0, count), format.SampleRate);
        }
    }

    /// <summary>An item has no more audio to come.</summary>
    public void ItemDone(string itemId)
    {
        foreach (var item in _items)
        {
            if (item.Source.ItemId == itemId)
                item.Source.IsDone = true;
        }
    }

    /// <summary>A response writes to no conversation: what is cut of it is nothing to the engine.</summary>
    public void OutOfBandResponse(string responseId) => _outOfBand.Add(responseId);

    /// <summary>A response has no more audio to come.</summary>
    public void ResponseDone(string responseId)
    {
        foreach (var item in _items)
        {
            if (item.Source.ResponseId == responseId)
                item.Source.IsDone = item.Source.IsResponseDone = true;
        }

        _isPlayingDone |= _playing == responseId;
        if (_playing != responseId && !_items.Exists(item => item.Source.ResponseId == responseId))
            _outOfBand.Remove(responseId);
    }

    /// <summary>Cuts off all that is there now, and what is still to come of the same responses; done at the next frame, with a short fade.</summary>
    public void Cut()
    {
        if (_playing is null && _items.Count == 0)
            return;
        _cutRequested = true;
        foreach (var item in _items)
        {
            item.IsCut = true;
            Remember(_cutResponses, item.Source.ResponseId);
        }

        if (_playing is not null)
            Remember(_cutResponses, _playing);
    }

    /// <summary>Makes the next frame.</summary>
    /// <param name="frame">Filled whole, with silence where there is nothing to play.</param>
    /// <param name="notices">What there is to tell is added here, in order.</param>
    /// <returns>Whether anything is played in it.</returns>
    public bool Take(Span<short> frame, List<PlayoutNotice> notices)
    {
        int filled = 0;
        if (_cutRequested)
            filled = TakeCut(frame, notices);
        else if (!IsHeld && CanFill(frame.Length))
            filled = TakeItems(frame, notices);
        frame[filled..].Clear();
        if (_isPlayingDone && _items.Count == 0)
            Stop(notices);

        return filled > 0;
    }

    /// <summary>Gives all that waits away, in the items' own formats, and forgets it.</summary>
    public void TakeAll(EngineAudioSink sink)
    {
        foreach (var item in _items)
        {
            if (!item.IsCut && AudioFormat.TryParse(item.Source.Format, out var format))
                Give(item, format, sink);
            item.Samples.Clear();
        }

        _items.Clear();
        Count = 0;
        _cutRequested = false;
    }

    private void Give(PlayItem item, AudioFormat format, EngineAudioSink sink)
    {
        var resampler = format.SampleRate == sampleRate ? null : new Resampler(sampleRate, format.SampleRate);
        var block = new short[sampleRate / 10];
        var converted = new short[format.SampleRate / 10 + 1];
        var bytes = new byte[format.BytesOf(converted.Length)];
        long offset = item.Source.HeardSamples;
        while (item.Samples.Take(block) is > 0 and int taken)
        {
            var samples = block.AsSpan(0, taken);
            if (resampler is not null)
                samples = converted.AsSpan(0, resampler.Process(samples, converted));
            int length = format.Encode(samples, bytes);
            sink(new EngineAudio { Item = item.Source, SampleOffset = offset, SampleCount = samples.Length, Payload = bytes.AsSpan(0, length) });
            offset += samples.Length;
        }
    }

    private static void Remember(Queue<string> ids, string id)
    {
        if (ids.Contains(id))
            return;
        ids.Enqueue(id);
        if (ids.Count > CutResponses)
            ids.Dequeue();
    }

    private PlayItem? Find(OutputAudioItem source)
    {
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_items[i].Source, source) || (_items[i].Source.ItemId == source.ItemId && _items[i].Source.ContentIndex == source.ContentIndex))
                return _items[i];
        }

        return null;
    }

    private PlayItem Begin(OutputAudioItem source, long offset)
    {
        // The caller is still playing what another connection brought of this item: the rest begins when that ends.
        long ahead = Math.Clamp(offset - source.HeardSamples, 0, source.SampleRate * MostHeldSeconds);
        var item = new PlayItem(source, offset) { HeldFrames = (int)(ahead * 1000 / source.SampleRate / (long)MediaClock.Frame.TotalMilliseconds) };
        _items.Add(item);
        return item;
    }

    private void Append(PlayItem item, ReadOnlySpan<short> samples, int rate)
    {
        if (rate != sampleRate)
        {
            if (_resampler?.InputRate != rate)
                _resampler = new Resampler(rate, sampleRate);
            int count = _resampler.OutputLength(samples.Length);
            if (_resampled.Length < count)
                _resampled = new short[count];
            samples = _resampled.AsSpan(0, _resampler.Process(samples, _resampled));
        }

        item.Samples.Append(samples);
        Count += samples.Length;
    }

    // An engine that is no faster than real time leaves half frames: one tick's patience joins them, rather than a gap in each.
    private bool CanFill(int length)
    {
        if (!Finish())
            return true;
        if (_items[0].HeldFrames > 0)
        {
            _items[0].HeldFrames--;
            return false;
        }

        int there = 0;
        foreach (var item in _items)
        {
            there += item.Samples.Count;
            if (there >= length || !item.IsDone)
                break;
        }

        bool isShort = there < length && !_items.TrueForAll(static item => item.IsDone);
        bool wait = isShort && there > 0 && !_waited;
        _waited = wait;
        return !wait;
    }

    private int TakeItems(Span<short> frame, List<PlayoutNotice> notices)
    {
        int filled = 0;
        while (filled < frame.Length && _items.Count > 0)
        {
            var item = _items[0];
            int taken = item.Samples.Take(frame[filled..]);
            if (taken > 0)
                Account(item, taken, notices);
            filled += taken;
            // An item that is empty but not done is waited for, whatever is behind it.
            if (!Finish() || ReferenceEquals(_items[0], item))
                break;
        }

        return filled;
    }

    private void Account(PlayItem item, int taken, List<PlayoutNotice> notices)
    {
        string response = item.Source.ResponseId;
        if (_playing != response)
        {
            Stop(notices);
            notices.Add(new PlayoutNotice(PlayoutNoticeKind.Started, response));
            (_playing, _isPlayingDone) = (response, item.Source.IsResponseDone);
        }

        Count -= taken;
        item.Played += taken;
        item.Source.HeardSamples = Math.Min(item.Offset + item.Played * item.Source.SampleRate / sampleRate, item.Source.SentSamples);
    }

    private void Stop(List<PlayoutNotice> notices)
    {
        if (_playing is not { } response)
            return;
        notices.Add(new PlayoutNotice(PlayoutNoticeKind.Stopped, response));
        if (_isPlayingDone)
            _outOfBand.Remove(response);
        (_playing, _isPlayingDone) = (null, false);
    }

    // Items that have been played to their end make way for the next.
    private bool Finish()
    {
        while (_items.Count > 0 && _items[0] is { Samples.Count: 0, IsDone: true })
            _items.RemoveAt(0);
        return _items.Count > 0;
    }

    private int TakeCut(Span<short> frame, List<PlayoutNotice> notices)
    {
        _cutRequested = false;
        string? response = _playing ?? (_items.Count > 0 ? _items[0].Source.ResponseId : null);
        int faded = 0;
        // What has not begun to be heard is not begun now.
        if (_playing is not null && _items.Count > 0 && _items[0].IsCut)
        {
            faded = _items[0].Samples.Take(frame[..Math.Min(frame.Length, (int)(Fade.TotalSeconds * sampleRate))]);
            PcmGain.FadeOut(frame[..faded]);
            Account(_items[0], faded, notices);
        }

        if (response is not null)
            notices.Add(new PlayoutNotice(PlayoutNoticeKind.Cleared, response));
        foreach (var item in _items)
        {
            if (!item.IsCut)
                continue;
            int heard = (int)(item.Source.HeardSamples * 1000 / item.Source.SampleRate);
            if (!_outOfBand.Contains(item.Source.ResponseId))
                notices.Add(new PlayoutNotice(PlayoutNoticeKind.Truncated, item.Source.ResponseId, item.Source, heard));
            Count -= item.Samples.Count;
            item.Samples.Clear();
        }

        foreach (var item in _items)
        {
            if (item.IsCut && item.Source.IsResponseDone)
                _outOfBand.Remove(item.Source.ResponseId);
        }

        _items.RemoveAll(static item => item.IsCut);
        _resampler?.Reset();
        (_playing, _isPlayingDone) = (null, false);
        return faded;
    }

    private sealed class PlayItem(OutputAudioItem source, long offset)
    {
        public OutputAudioItem Source => source;

        public long Offset => offset;

        public int HeldFrames { get; set; }

        public SampleQueue Samples { get; } = new();

        public long Played { get; set; }

        public bool IsDone => source.IsDone;

        public bool IsCut { get; set; }
    }
}
