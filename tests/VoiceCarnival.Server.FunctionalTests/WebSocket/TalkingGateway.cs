namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>A server that holds conversations. The same tests run against each way to build one.</summary>
public abstract class TalkingGateway : IAsyncDisposable
{
    /// <summary>Where callers connect.</summary>
    public abstract Uri Address { get; }

    /// <summary>Calls it over a real socket.</summary>
    public abstract HttpClient Client { get; }

    /// <summary>Another of the same kind with other settings.</summary>
    public abstract TalkingGateway With(params (string Key, string Value)[] settings);

    public abstract ValueTask DisposeAsync();
}
