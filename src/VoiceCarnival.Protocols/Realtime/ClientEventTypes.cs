namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Names of the events that a client sends (Realtime GA), and ours beside them.</summary>
public static class ClientEventTypes
{
#pragma warning disable CS1591 // the names are the documentation
    public const string SessionUpdate = "session.update";
    public const string BufferAppend = "input_audio_buffer.append";
    public const string BufferCommit = "input_audio_buffer.commit";
    public const string BufferClear = "input_audio_buffer.clear";
    public const string OutputBufferClear = "output_audio_buffer.clear";
    public const string ItemCreate = "conversation.item.create";
    public const string ItemRetrieve = "conversation.item.retrieve";
    public const string ItemTruncate = "conversation.item.truncate";
    public const string ItemDelete = "conversation.item.delete";
    public const string ResponseCreate = "response.create";
    public const string ResponseCancel = "response.cancel";

    // VoiceCarnival's own.
    public const string Ping = "voicecarnival.ping";
    public const string Playout = "voicecarnival.playout";
    public const string HangUp = "voicecarnival.hangup";
#pragma warning restore CS1591
}
