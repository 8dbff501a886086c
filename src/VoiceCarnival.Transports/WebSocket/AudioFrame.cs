using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// Output audio as WebSocket messages, either way without an allocation: a binary frame of header and samples, or a
/// <c>response.output_audio.delta</c> event with base64.
/// </summary>
internal static class AudioFrame
{
    /// <summary>uint32 LE item ordinal, uint32 LE content index, uint64 LE sample offset in that item's audio.</summary>
    public const int HeaderBytes = 16;

    public static OutboundMessage Binary(in EngineAudio audio)
    {
        int length = HeaderBytes + audio.Payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, audio.Item.Ordinal);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(4), (uint)audio.Item.ContentIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(8), (ulong)audio.SampleOffset);
        audio.Payload.CopyTo(buffer.AsSpan(HeaderBytes));
        return new OutboundMessage(buffer, length, WebSocketMessageType.Binary);
    }

    public static OutboundMessage Json(in EngineAudio audio)
    {
        if (!audio.Event.IsEmpty)
        {
            var copy = ArrayPool<byte>.Shared.Rent(audio.Event.Length);
            audio.Event.CopyTo(copy);
            return new OutboundMessage(copy, audio.Event.Length, WebSocketMessageType.Text);
        }

        // Ids are ours: letters, digits and underscores, so nothing needs escaping.
        var item = audio.Item;
        const int fixedText = 256;
        int most = fixedText + item.ItemId.Length + item.ResponseId.Length + Base64.GetMaxEncodedToUtf8Length(audio.Payload.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        var to = new Utf8Cursor(buffer);
        to.Add("{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_"u8);
        to.AddId();
        to.Add("\",\"response_id\":\""u8);
        to.Add(item.ResponseId);
        to.Add("\",\"item_id\":\""u8);
        to.Add(item.ItemId);
        to.Add("\",\"output_index\":"u8);
        to.Add(item.OutputIndex);
        to.Add(",\"content_index\":"u8);
        to.Add(item.ContentIndex);
        to.Add(",\"delta\":\""u8);
        to.AddBase64(audio.Payload);
        to.Add("\"}"u8);
        return new OutboundMessage(buffer, to.Position, WebSocketMessageType.Text);
    }

    /// <summary><c>voicecarnival.audio_item</c>, which names the ordinal of an item's binary frames.</summary>
    public static byte[] Announcement(OutputAudioItem item) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"type":"{{ServerEventTypes.AudioItem}}","event_id":"{{RealtimeIds.New("event")}}","ordinal":{{item.Ordinal}},"item_id":"{{item.ItemId}}","response_id":"{{item.ResponseId}}","output_index":{{item.OutputIndex}},"content_index":{{item.ContentIndex}},"format":"{{item.Format}}"}"""));

    private ref struct Utf8Cursor(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Position { get; private set; }

        public void Add(ReadOnlySpan<byte> utf8)
        {
            utf8.CopyTo(_buffer[Position..]);
            Position += utf8.Length;
        }

        public void Add(string text) => Position += Encoding.UTF8.GetBytes(text, _buffer[Position..]);

        public void Add(int number)
        {
            number.TryFormat(_buffer[Position..], out int written, provider: CultureInfo.InvariantCulture);
            Position += written;
        }

        public void AddId()
        {
            Span<char> id = stackalloc char[RealtimeIds.Length];
            RealtimeIds.Fill(id);
            Position += Encoding.UTF8.GetBytes(id, _buffer[Position..]);
        }

        public void AddBase64(ReadOnlySpan<byte> bytes)
        {
            Base64.EncodeToUtf8(bytes, _buffer[Position..], out _, out int written);
            Position += written;
        }
    }
}
