using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Reads an SDP offer and session fields from either form of the request (API reference, "Create call"): raw SDP, or multipart with <c>sdp</c> and <c>session</c>.</summary>
internal static class CallOfferReader
{
    private const int LargestSdp = 256 * 1024;
    private const int LargestForm = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly FormOptions Form = new()
    {
        BufferBody = false,
        MemoryBufferThreshold = LargestForm + 1,
        MultipartBodyLengthLimit = LargestForm,
        ValueLengthLimit = LargestForm,
        ValueCountLimit = 8,
        KeyLengthLimit = 256,
        MultipartHeadersLengthLimit = 4096,
        MultipartHeadersCountLimit = 8,
    };

    public static async ValueTask<(ReadOnlyMemory<byte> Sdp, JsonElement Session, SessionRefusal? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        if (type?.MediaType.Equals("application/sdp", StringComparison.OrdinalIgnoreCase) == true)
        {
            var (body, refusal) = await RequestBody.ReadAsync(request, LargestSdp, cancellationToken);
            return Check(body, null, refusal);
        }

        if (type?.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true)
        {
            var (sdp, session, refusal) = await ReadFormAsync(request, cancellationToken);
            return Check(sdp, session, refusal);
        }

        return (default, default, new SessionRefusal(StatusCodes.Status415UnsupportedMediaType, RealtimeError.Invalid("unsupported_media_type",
            "Send the SDP offer with 'Content-Type: application/sdp', or 'multipart/form-data' with the parts 'sdp' and 'session'.")));
    }

    private static async ValueTask<(ReadOnlyMemory<byte> Sdp, byte[]? Session, SessionRefusal? Refusal)> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > LargestForm)
            return (default, null, RequestBody.TooLarge(LargestForm));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var form = await request.ReadFormAsync(Form, deadline.Token);
            byte[]? sdp = await PartAsync(form, "sdp", deadline.Token);
            return sdp is null
                ? (default, null, Refuse(RealtimeErrorCodes.MissingRequiredParameter, "The part 'sdp' is missing.", "sdp"))
                : (sdp, await PartAsync(form, "session", deadline.Token), null);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return (default, null, Refuse("invalid_form", "The body is not a multipart form that can be read, or is larger than 1 MB.", null));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, null, RequestBody.TooSlow);
        }
    }

    // Browsers send a Blob as a file, the official SDK sends a part without a file name; both are the part.
    private static async ValueTask<byte[]?> PartAsync(IFormCollection form, string name, CancellationToken cancellationToken)
    {
        if (form.Files.GetFile(name) is { } file)
        {
            using var copy = new MemoryStream();
            await file.CopyToAsync(copy, cancellationToken);
            return copy.ToArray();
        }

        return form.TryGetValue(name, out var value) ? Encoding.UTF8.GetBytes(value.ToString()) : null;
    }

    private static (ReadOnlyMemory<byte> Sdp, JsonElement Session, SessionRefusal? Refusal) Check(ReadOnlyMemory<byte> sdp, byte[]? session, SessionRefusal? refusal)
    {
        if (refusal is not null)
            return (default, default, refusal);
        // All else is for whoever takes the media to judge.
        if (!sdp.Span.TrimStart(" \r\n\t"u8).StartsWith("v=0"u8))
            return (default, default, Refuse("invalid_offer", "The SDP offer must begin with the line v=0.", "sdp"));
        if (session is null)
            return (sdp, default, null);
        try
        {
            using var document = JsonDocument.Parse(session, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return JsonText.IsUnicode(session) && document.RootElement.ValueKind == JsonValueKind.Object
                ? (sdp, document.RootElement.Clone(), null)
                : (default, default, Refuse(RealtimeErrorCodes.InvalidType, "The part 'session' must be a JSON object.", "session"));
        }
        catch (JsonException)
        {
            return (default, default, Refuse("invalid_json", "The part 'session' is not valid JSON, names a field twice, or is nested too deeply.", "session"));
        }
    }

    private static SessionRefusal Refuse(string code, string message, string? param) => new(StatusCodes.Status400BadRequest, RealtimeError.Invalid(code, message, param));
}
