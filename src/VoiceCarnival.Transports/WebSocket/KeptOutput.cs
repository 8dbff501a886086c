using System.Buffers.Binary;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// What was sent to a caller that can come back, until it is proved to have arrived. The bytes are the line's own, as they were sent; here is what it takes to read them again.
/// Not thread-safe; the session's lock guards it.
/// </summary>
internal sealed class KeptOutput(WebSocketLink link)
{
    private const int MostItems = 64;
    private readonly Queue<OutputAudioItem> _items = new();

    /// <summary>Keeps from now on.</summary>
    public void Begin() => link.KeepUnproven();

    /// <summary>Binary frames of this item follow.</summary>
    public void Announced(OutputAudioItem item)
    {
        _items.Enqueue(item);
        if (_items.Count > MostItems)
            _items.Dequeue();
    }

    /// <summary>Hands over what is not proved to have arrived, in order, and keeps nothing more.</summary>
    public void TakeAll(ServerEventSink events, EngineAudioSink audio, bool mayRepeat)
    {
        link.TakeUnproven((opcode, payload) =>
        {
            if (opcode == Opcode.Text)
                HandOver(payload, events);
            else if (mayRepeat)
                HandOver(payload, audio);
        });
    }

    private static void HandOver(ReadOnlySpan<byte> utf8Json, ServerEventSink events)
    {
        if (ServerEventPeek.TypeOf(utf8Json) is { } type && !ServerEventTypes.IsOfOneLine(type))
            events(type, utf8Json);
    }

    private void HandOver(ReadOnlySpan<byte> frame, EngineAudioSink audio)
    {
        uint ordinal = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        foreach (var item in _items)
        {
            if (item.Ordinal != ordinal)
                continue;
            var samples = frame[AudioFrame.HeaderBytes..];
            audio(new EngineAudio
            {
                Item = item,
                SampleOffset = (long)BinaryPrimitives.ReadUInt64LittleEndian(frame[8..]),
                SampleCount = samples.Length / (item.Format == "audio/pcm" ? 2 : 1),
                Payload = samples,
            });
            return;
        }
    }
}
