using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>
/// The far side of one session. Each connection of the session sends from its own receive loop, so events may come from several threads at once where there
/// are sidebands; <see cref="ResumeOutput"/> may come from any thread at any time. Disposing ends the conversation; nothing reaches the output afterwards.
/// </summary>
public interface IVoiceEngineSession : IAsyncDisposable
{
    /// <summary>Begins the conversation: <c>session.created</c> and whatever follows go to the output.</summary>
    void Start();

    /// <summary>
    /// Takes one client event as UTF-8 JSON with its kind already looked up. The bytes belong to the caller again when the task completes. Bad bytes are answered with an
    /// <c>error</c> event; they never throw. A task that takes long is back-pressure: the transport reads no further meanwhile.
    /// </summary>
    ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken);

    /// <summary>Takes input audio in the session's input format, without the JSON around it. Same rules as for events.</summary>
    ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken);

    /// <summary>The output has room again after it returned false.</summary>
    void ResumeOutput();
}
