using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>A call whose media are at the service.</summary>
internal sealed partial class OpenAICall(string id, OpenAICallsClient client, TimeProvider time, ILogger logger) : ICallControl
{
    private static readonly TimeSpan[] HangupRetries = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];
    private volatile bool _isOver;

    public string Id => id;

    /// <summary>The service knows no such call any more.</summary>
    public bool IsOver => _isOver;

    public void MarkOver() => _isOver = true;

    public async ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken) =>
        await client.ActAsync(id, "accept", session.ValueKind == JsonValueKind.Object ? JsonObject.Create(session) : [], cancellationToken);

    public async ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken) =>
        await client.ActAsync(id, "reject", new JsonObject { ["status_code"] = statusCode }, cancellationToken);

    public async ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) =>
        await client.ActAsync(id, "refer", new JsonObject { ["target_uri"] = targetUri }, cancellationToken);

    public async ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken)
    {
        if (_isOver)
            return null;
        var refusal = await client.ActAsync(id, "hangup", null, cancellationToken);
        if (refusal is not (null or { Status: 404 or 410 }))
            return refusal;
        _isOver = true;
        return null;
    }

    /// <summary>Hangs up for good: a call that nobody watches any more must not go on. Tried a few times, never throws.</summary>
    public async Task EndAsync()
    {
        for (int tries = 0; ; tries++)
        {
            if (await HangupAsync(CancellationToken.None) is not { } refusal)
                return;
            if (!OpenAICallsClient.IsTransient(refusal) || tries == HangupRetries.Length)
            {
                Log.NotHungUp(logger, id, refusal.Status, refusal.Error.Code);
                return;
            }

            await Task.Delay(HangupRetries[tries], time);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Error, "Call {CallId} could not be hung up: HTTP {Status} {Code}. It goes on until the caller or the service ends it")]
        public static partial void NotHungUp(ILogger logger, string callId, int status, string? code);
    }
}
