namespace VoiceCarnival.Sessions.Calls;

/// <summary>Takes deliveries of the webhooks by which a service announces calls, <c>POST /webhooks/openai</c>. Registered by an engine that has such a service.</summary>
public interface IWebhookReceiver
{
    /// <summary>True when deliveries can be checked.</summary>
    bool IsConfigured { get; }

    /// <summary>Takes a delivery. Null when it was taken, was taken before, or is of no interest here; the work itself goes on afterwards.</summary>
    /// <param name="id">Header <c>webhook-id</c>.</param>
    /// <param name="timestamp">Header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">Header <c>webhook-signature</c>.</param>
    /// <param name="body">The raw body.</param>
    ValueTask<SessionRefusal?> ReceiveAsync(string id, string timestamp, string signatures, ReadOnlyMemory<byte> body);
}
