using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Reads untrusted bodies: up to a size, within a time.</summary>
internal static class RequestBody
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The whole body, or why it cannot be taken.</summary>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, SessionRefusal? Refusal)> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
            return (default, TooLarge(largest));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var body = new MemoryStream();
            var piece = new byte[16 * 1024];
            while (await request.Body.ReadAsync(piece, deadline.Token) is var read and > 0)
            {
                if (body.Length + read > largest)
                    return (default, TooLarge(largest));
                body.Write(piece, 0, read);
            }

            return (body.GetBuffer().AsMemory(0, (int)body.Length), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, TooSlow);
        }
    }

    public static SessionRefusal TooLarge(int largest) =>
        new(StatusCodes.Status413PayloadTooLarge, RealtimeError.Invalid("body_too_large", $"The body is larger than {largest / 1024} kB."));

    public static SessionRefusal TooSlow { get; } =
        new(StatusCodes.Status408RequestTimeout, RealtimeError.Invalid("body_too_slow", $"The body did not arrive within {Patience.TotalSeconds:F0} seconds."));
}
