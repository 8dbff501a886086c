using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>Writes server events into one reused buffer and hands them to the output. Not thread-safe, as the conversation it belongs to.</summary>
#pragma warning disable CA1001 // the writer writes to memory only; there is nothing to release
internal sealed class EventEmitter
#pragma warning restore CA1001
{
    private const int MaxKeptBuffer = 64 * 1024;
    private readonly IVoiceEngineOutput _output;
    private ArrayBufferWriter<byte> _buffer = new(512);
    private readonly Utf8JsonWriter _writer;
    private string _type = string.Empty;
    private bool _ended;

    public EventEmitter(IVoiceEngineOutput output)
    {
        _output = output;
        // The consumer is a JSON parser, not a web page: escaping beyond JSON's own rules only makes captions unreadable in logs.
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>False while the output wants no more audio.</summary>
    public bool HasRoom { get; private set; } = true;

    public void OutputHasRoom() => HasRoom = true;

    /// <summary>Starts an event; the fields go into the returned writer, then <see cref="End"/>.</summary>
    public Utf8JsonWriter Begin(string type)
    {
        _type = type;
        if (_buffer.Capacity > MaxKeptBuffer)
            _buffer = new ArrayBufferWriter<byte>(512); // one item with minutes of audio must not weigh on the session for good
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        _writer.WriteStartObject();
        _writer.WriteString("type", type);
        _writer.WriteString("event_id", RealtimeIds.New("event"));
        return _writer;
    }

    public void End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        if (!_ended)
            HasRoom = _output.OnEvent(_type, _buffer.WrittenSpan);
    }

    public void Audio(in EngineAudio audio)
    {
        if (!_ended)
            HasRoom = _output.OnAudio(audio);
    }

    public void Measured(TurnLatency latency)
    {
        if (!_ended)
            _output.OnTurnMeasured(latency);
    }

    /// <summary>Sends bytes that are no event, for the script's fault of that name.</summary>
    public void Malformed(ReadOnlySpan<byte> bytes) => HasRoom = _output.OnEvent("malformed", bytes);

    /// <summary>The end; whoever is still at work when it comes (a turn in the middle of a chunk of audio, say) speaks into the void.</summary>
    public void Ended(SessionTermination termination)
    {
        _ended = true;
        _output.OnEnded(termination);
    }

    public void Error(RealtimeError error, string? clientEventId)
    {
        var writer = Begin(ServerEventTypes.Error);
        writer.WriteStartObject("error");
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("param", error.Param);
        writer.WriteString("event_id", clientEventId);
        writer.WriteEndObject();
        End();
    }

    public void Session(string type, RealtimeSession session)
    {
        var writer = Begin(type);
        writer.WritePropertyName("session");
        RealtimeSessionWriter.Write(writer, session);
        End();
    }

    /// <summary><c>conversation.item.added</c>, <c>.done</c> and <c>.retrieved</c>.</summary>
    public void Item(string type, ConversationItem item, string? previousItemId, bool withAudio = false, bool withContent = true)
    {
        var writer = Begin(type);
        if (type != ServerEventTypes.ItemRetrieved)
            writer.WriteString("previous_item_id", previousItemId);
        writer.WritePropertyName("item");
        ConversationItemWriter.Write(writer, item, withAudio, withContent);
        End();
    }
}
