using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Gives the audio that passes its item and its place in it. Knows the newest items only.</summary>
internal sealed class RelayedAudio
{
    private const int Capacity = 64;
    private readonly Queue<Entry> _entries = new();
    private Entry? _newest;
    private uint _ordinal;

    /// <summary>The piece of audio that a delta event holds.</summary>
    /// <param name="fields">The event's fields.</param>
    /// <param name="utf8Json">The event.</param>
    /// <param name="format">Wire format of the session's output.</param>
    public EngineAudio Next(in AudioDeltaFields fields, ReadOnlySpan<byte> utf8Json, string format)
    {
        var entry = Find(fields) ?? Add(fields, format);
        int samples = fields.AudioLength / entry.BytesPerSample;
        var audio = new EngineAudio { Item = entry.Item, SampleOffset = entry.Samples, SampleCount = samples, Event = utf8Json, Base64 = fields.Base64 };
        entry.Samples += samples;
        return audio;
    }

    /// <summary>Milliseconds of an item's audio so far; null when the item is not known.</summary>
    public double? Milliseconds(string itemId)
    {
        foreach (var entry in _entries)
        {
            if (entry.Item.ItemId == itemId)
                return entry.Samples * 1000.0 / entry.Item.SampleRate;
        }

        return null;
    }

    private Entry? Find(in AudioDeltaFields fields)
    {
        if (_newest is { } newest && newest.Is(fields))
            return newest;
        foreach (var entry in _entries)
        {
            if (entry.Is(fields))
                return _newest = entry;
        }

        return null;
    }

    private Entry Add(in AudioDeltaFields fields, string format)
    {
        bool isPcm = format == "audio/pcm";
        _newest = new Entry(fields.ItemId.ToArray(), isPcm ? 2 : 1, new OutputAudioItem
        {
            Ordinal = ++_ordinal,
            ItemId = Encoding.UTF8.GetString(fields.ItemId),
            ResponseId = Encoding.UTF8.GetString(fields.ResponseId),
            OutputIndex = fields.OutputIndex,
            ContentIndex = fields.ContentIndex,
            Format = format,
            SampleRate = isPcm ? 24_000 : 8000,
        });
        _entries.Enqueue(_newest);
        if (_entries.Count > Capacity)
            _entries.Dequeue();
        return _newest;
    }

    private sealed class Entry(byte[] itemId, int bytesPerSample, OutputAudioItem item)
    {
        public OutputAudioItem Item => item;

        public int BytesPerSample => bytesPerSample;

        public long Samples { get; set; }

        public bool Is(in AudioDeltaFields fields) => item.ContentIndex == fields.ContentIndex && fields.ItemId.SequenceEqual(itemId);
    }
}
