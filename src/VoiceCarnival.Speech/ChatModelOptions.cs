namespace VoiceCarnival.Speech;

/// <summary>The language model, <c>VoiceCarnival:Local:ChatModel</c>: any server with OpenAI's chat completions. There is one when <c>BaseUrl</c> or <c>ApiKey</c> is set.</summary>
public sealed class ChatModelOptions : RemoteServiceOptions;
