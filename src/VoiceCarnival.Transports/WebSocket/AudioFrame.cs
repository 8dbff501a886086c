using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// Output audio as a binary message: uint32 LE item ordinal, uint32 LE content index, uint64 LE sample offset in that item's audio, then samples. An
/// upstream's base64 is decoded straight into the frame.
/// </summary>
internal readonly ref struct AudioFrame(EngineAudio audio) : IFramePayload
{
    public const int HeaderBytes = 16;
    private readonly EngineAudio _audio = audio;

    public int Length => HeaderBytes + (_audio.Event.IsEmpty ? _audio.Payload.Length : DecodedLength(_audio.Base64));

    public void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(payload, _audio.Item.Ordinal);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], (uint)_audio.Item.ContentIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], (ulong)_audio.SampleOffset);
        if (_audio.Event.IsEmpty)
            _audio.Payload.CopyTo(payload[HeaderBytes..]);
        else
            Decode(_audio.Base64, payload[HeaderBytes..]);
    }

    /// <summary><c>voicecarnival.audio_item</c>, which names the ordinal of an item's binary frames.</summary>
    public static byte[] Announcement(OutputAudioItem item) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"type":"{{ServerEventTypes.AudioItem}}","event_id":"{{RealtimeIds.New("event")}}","ordinal":{{item.Ordinal}},"item_id":"{{item.ItemId}}","response_id":"{{item.ResponseId}}","output_index":{{item.OutputIndex}},"content_index":{{item.ContentIndex}},"format":"{{item.Format}}"}"""));

    // What is broken, or is white space, which gives fewer bytes than its length promises, is heard as silence: the buffer holds what others were sent.
    private static void Decode(ReadOnlySpan<byte> base64, Span<byte> samples)
    {
        Base64.DecodeFromUtf8(base64, samples, out _, out int written);
        samples[written..].Clear();
    }

    private static int DecodedLength(ReadOnlySpan<byte> base64) =>
        base64.Length / 4 * 3 - (base64.EndsWith("=="u8) ? 2 : base64.EndsWith("="u8) ? 1 : 0);
}
