using System.Buffers.Text;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>Raw audio as an <c>input_audio_buffer.append</c> event, encoded straight into the frame.</summary>
internal readonly ref struct AudioAppend(ReadOnlySpan<byte> audio) : IFramePayload
{
    private readonly ReadOnlySpan<byte> _audio = audio;

    private static ReadOnlySpan<byte> Beginning => "{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    public int Length => Beginning.Length + Base64.GetMaxEncodedToUtf8Length(_audio.Length) + End.Length;

    public void Write(Span<byte> payload)
    {
        Beginning.CopyTo(payload);
        Base64.EncodeToUtf8(_audio, payload[Beginning.Length..], out _, out int written);
        End.CopyTo(payload[(Beginning.Length + written)..]);
    }

    /// <summary>Where the base64 text lies in a caller's own append event; empty when it is not where it should be.</summary>
    public static ReadOnlySpan<byte> Base64Of(ReadOnlySpan<byte> appendEvent)
    {
        int name = appendEvent.IndexOf("\"audio\""u8);
        if (name < 0)
            return default;
        var rest = appendEvent[(name + 7)..];
        int quote = rest.IndexOf((byte)'"');
        if (quote < 0)
            return default;
        rest = rest[(quote + 1)..];
        int end = rest.IndexOf((byte)'"');
        return end < 0 ? default : rest[..end];
    }
}
