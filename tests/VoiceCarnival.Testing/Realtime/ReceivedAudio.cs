using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>Sorts the audio of a connection by item, from both ways it travels, and watches that no sample is missing.</summary>
/// <remarks>The receive loop writes, the test reads.</remarks>
internal sealed class ReceivedAudio
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, (string ItemId, string? ResponseId)> _ordinals = [];
    private readonly List<ItemAudio> _items = [];
    private readonly List<string> _problems = [];

    public IReadOnlyList<ItemAudio> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_lock)
            {
                return [.. _problems];
            }
        }
    }

    public void TakeEvent(ReceivedEvent received)
    {
        lock (_lock)
        {
            if (received.Type == ExtensionEvents.AudioItem
                && received.Find("ordinal") is { ValueKind: JsonValueKind.Number } ordinal
                && ordinal.TryGetUInt32(out uint number)
                && received.Text("item_id") is { } named)
            {
                if (!_ordinals.TryAdd(number, (named, received.Text("response_id"))))
                {
                    _problems.Add($"The ordinal {number} was given twice.");
                }
            }
            else if (received.Type == "response.output_audio.delta"
                && received.Text("item_id") is { } itemId
                && received.Find("content_index") is { ValueKind: JsonValueKind.Number } contentIndex)
            {
                TakeDelta(received, itemId, contentIndex.GetInt32());
            }
        }
    }

    public void TakeFrame(ReadOnlySpan<byte> frame, TimeSpan at)
    {
        lock (_lock)
        {
            if (!AudioFrameHeader.TryRead(frame, out var header) || frame.Length % 2 != 0)
            {
                _problems.Add($"A binary frame of {frame.Length} bytes is not a header with PCM16.");
                return;
            }

            if (!_ordinals.TryGetValue(header.Ordinal, out var item))
            {
                _problems.Add($"A binary frame came for ordinal {header.Ordinal} before its {ExtensionEvents.AudioItem}.");
                return;
            }

            var audio = Find(item.ItemId, (int)header.ContentIndex, item.ResponseId);
            if (audio.Pieces == 0)
            {
                audio.FirstOffset = header.SampleOffset;
            }

            ulong expected = audio.FirstOffset + (ulong)audio.SampleCount;
            if (header.SampleOffset != expected)
            {
                _problems.Add($"{item.ItemId}: a frame starts at sample {header.SampleOffset}, but {expected} is next.");
            }

            audio.Append(frame[AudioFrameHeader.Length..], at);
        }
    }

    private void TakeDelta(ReceivedEvent received, string itemId, int contentIndex)
    {
        string base64 = received.Text("delta") ?? "";
        byte[] bytes = new byte[base64.Length];
        if (Convert.TryFromBase64String(base64, bytes, out int length))
        {
            Find(itemId, contentIndex, received.Text("response_id")).Append(bytes.AsSpan(0, length), received.At);
        }
        else
        {
            _problems.Add($"{itemId}: an audio delta is not base64.");
        }
    }

    private ItemAudio Find(string itemId, int contentIndex, string? responseId)
    {
        var audio = _items.Find(item => item.ItemId == itemId && item.ContentIndex == contentIndex);
        if (audio is null)
        {
            _items.Add(audio = new ItemAudio(itemId, contentIndex, responseId));
        }

        return audio;
    }
}
