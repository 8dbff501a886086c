using System.Buffers.Text;
using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>Output audio as a <c>response.output_audio.delta</c> event with base64 (<c>response.audio.delta</c> in beta), written without an allocation.</summary>
internal readonly ref struct AudioDelta(EngineAudio audio, bool isBeta) : IFramePayload
{
    private readonly EngineAudio _audio = audio;
    private readonly ReadOnlySpan<byte> _beginning = isBeta ? BetaBeginning : Beginning;

    // Ids are ours: letters, digits and underscores, so nothing needs escaping and a character is a byte.
    public int Length => _beginning.Length + RealtimeIds.Length + ResponseId.Length + _audio.Item.ResponseId.Length + ItemId.Length + _audio.Item.ItemId.Length
        + OutputIndex.Length + Digits(_audio.Item.OutputIndex) + ContentIndex.Length + Digits(_audio.Item.ContentIndex)
        + Delta.Length + Base64.GetMaxEncodedToUtf8Length(_audio.Payload.Length) + End.Length;

    private static ReadOnlySpan<byte> Beginning => "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_"u8;

    private static ReadOnlySpan<byte> BetaBeginning => "{\"type\":\"response.audio.delta\",\"event_id\":\"event_"u8;

    private static ReadOnlySpan<byte> ResponseId => "\",\"response_id\":\""u8;

    private static ReadOnlySpan<byte> ItemId => "\",\"item_id\":\""u8;

    private static ReadOnlySpan<byte> OutputIndex => "\",\"output_index\":"u8;

    private static ReadOnlySpan<byte> ContentIndex => ",\"content_index\":"u8;

    private static ReadOnlySpan<byte> Delta => ",\"delta\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    public void Write(Span<byte> payload)
    {
        var to = new Cursor(payload);
        to.Add(_beginning);
        to.AddId();
        to.Add(ResponseId);
        to.Add(_audio.Item.ResponseId);
        to.Add(ItemId);
        to.Add(_audio.Item.ItemId);
        to.Add(OutputIndex);
        to.Add(_audio.Item.OutputIndex);
        to.Add(ContentIndex);
        to.Add(_audio.Item.ContentIndex);
        to.Add(Delta);
        to.AddBase64(_audio.Payload);
        to.Add(End);
    }

    private static int Digits(int number)
    {
        Span<byte> digits = stackalloc byte[11];
        number.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        return length;
    }

    private ref struct Cursor(Span<byte> buffer)
    {
        private Span<byte> _rest = buffer;

        public void Add(ReadOnlySpan<byte> utf8)
        {
            utf8.CopyTo(_rest);
            _rest = _rest[utf8.Length..];
        }

        public void Add(string text) => _rest = _rest[Encoding.UTF8.GetBytes(text, _rest)..];

        public void Add(int number)
        {
            number.TryFormat(_rest, out int written, provider: CultureInfo.InvariantCulture);
            _rest = _rest[written..];
        }

        public void AddId()
        {
            Span<char> id = stackalloc char[RealtimeIds.Length];
            RealtimeIds.Fill(id);
            _rest = _rest[Encoding.UTF8.GetBytes(id, _rest)..];
        }

        public void AddBase64(ReadOnlySpan<byte> bytes)
        {
            Base64.EncodeToUtf8(bytes, _rest, out _, out int written);
            _rest = _rest[written..];
        }
    }
}
