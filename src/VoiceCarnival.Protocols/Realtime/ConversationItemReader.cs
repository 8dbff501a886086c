using System.Buffers.Text;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Reads an item that a caller creates.</summary>
public static class ConversationItemReader
{
    private const int MaxId = 64;
    private const int MaxParts = 256;
    private static readonly string[] ImageForms = ["data:image/png;base64,", "data:image/jpeg;base64,"];

    /// <summary>Returns the item, or null with the reason in the fields' problem.</summary>
    /// <param name="fields">The <c>item</c> object.</param>
    /// <param name="audioFormat">The session's input format, in which audio parts are.</param>
    public static ConversationItem? Read(EventFields fields, string audioFormat)
    {
        string? type = fields.RequiredString("type", 64);
        string id = fields.String("id", MaxId) is { Length: > 0 } chosen ? chosen : RealtimeIds.New("item");
        if (id == "root")
            fields.Invalid("id", "Invalid value: 'root'. It stands for the beginning of the conversation in previous_item_id, so no item can have it as its id.");
        var item = type switch
        {
            null => null,
            "message" => ReadMessage(fields, id, audioFormat),
            "function_call" => ReadFunctionCall(fields, id),
            "function_call_output" => ReadFunctionCallOutput(fields, id),
            "mcp_approval_response" or "mcp_approval_request" or "mcp_call" or "mcp_list_tools" => ReadMcp(fields, id, type),
            _ => Unsupported(fields, type),
        };
        return fields.Problem.Error is null ? item : null;
    }

    private static ConversationItem ReadMessage(EventFields fields, string id, string audioFormat)
    {
        fields.AllowOnly("id", "object", "type", "status", "role", "content");
        string? role = fields.OneOf("role", "user", "assistant", "system");
        if (fields.Any("role") is null)
            fields.Missing("role");
        if (fields.Any("content") is null)
            fields.Missing("content");
        var content = new List<ContentPart>();
        var parts = fields.Array("content", MaxParts) ?? [];
        for (int i = 0; i < parts.Count && fields.Problem.Error is null; i++)
        {
            var part = new EventFields(parts[i], $"{fields.Sub("content")}[{i}]", fields.Problem);
            if (ReadPart(part, role, audioFormat) is { } read)
                content.Add(read);
        }

        return new ConversationItem { Id = id, Type = "message", Role = role, Content = content, Status = Status(fields) };
    }

    private static ContentPart? ReadPart(EventFields part, string? role, string audioFormat)
    {
        part.AllowOnly("type", "text", "audio", "transcript", "image_url", "detail");
        string? type = role switch
        {
            "user" => part.OneOf("type", "input_text", "input_audio", "input_image"),
            "system" => part.OneOf("type", "input_text"),
            _ => part.OneOf("type", "output_text", "output_audio"),
        };
        if (part.Any("type") is null)
            part.Missing("type");
        switch (type)
        {
            case "input_text" or "output_text":
                return new ContentPart { Type = type, Text = part.RequiredString("text") };
            case "input_audio":
                ReadOnlyMemory<byte> audio = Base64Bytes(part, "audio");
                if (audioFormat == "audio/pcm")
                    audio = audio[..(audio.Length & ~1)]; // half a sample is nothing anyone could play
                return new ContentPart
                {
                    Type = type,
                    Audio = audio,
                    AudioFormat = audioFormat,
                    Transcript = part.String("transcript"),
                    AudioMilliseconds = audio.Length / (audioFormat == "audio/pcm" ? 48 : 8),
                };
            case "input_image":
                return new ContentPart { Type = type, ImageUrl = Image(part), Detail = part.OneOf("detail", "auto", "low", "high") };
            case "output_audio":
                // OpenAI takes only text from clients here; a transcript without audio is how agents replay what was said.
                if (part.Any("audio") is not null)
                    part.Invalid("audio", "Assistant audio cannot be created by a client. Send 'output_text', or 'output_audio' with only a transcript.");
                return new ContentPart { Type = type, Transcript = part.String("transcript") ?? string.Empty };
            default:
                return null;
        }
    }

    // Pictures come along; an address that somebody would have to fetch is none.
    private static string? Image(EventFields part)
    {
        string? url = part.RequiredString("image_url", 16_000_000);
        if (url is null)
            return null;
        string? form = Array.Find(ImageForms, start => url.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        if (form is null || !Base64.IsValid(url.AsSpan(form.Length)))
            part.Invalid("image_url", "An image is a data URI with a PNG or a JPEG in base64: 'data:image/png;base64,…'.");
        return url;
    }

    private static ConversationItem ReadFunctionCall(EventFields fields, string id)
    {
        fields.AllowOnly("id", "object", "type", "status", "name", "call_id", "arguments");
        return new ConversationItem
        {
            Id = id,
            Type = "function_call",
            Name = fields.RequiredString("name", 256),
            Arguments = fields.RequiredString("arguments"),
            CallId = fields.String("call_id", MaxId) ?? RealtimeIds.New("call"),
            Status = Status(fields),
        };
    }

    private static ConversationItem ReadFunctionCallOutput(EventFields fields, string id)
    {
        fields.AllowOnly("id", "object", "type", "status", "call_id", "output");
        return new ConversationItem
        {
            Id = id,
            Type = "function_call_output",
            CallId = fields.RequiredString("call_id", MaxId),
            Output = fields.RequiredString("output"),
            Status = Status(fields),
        };
    }

    // Carried as the caller wrote it, since nothing here calls MCP servers; only what every reader relies on is checked.
    private static ConversationItem ReadMcp(EventFields fields, string id, string type)
    {
        string? approvalRequest = null;
        if (type == "mcp_approval_response")
        {
            approvalRequest = fields.RequiredString("approval_request_id", 256);
            if (fields.Boolean("approve") is null)
                fields.Missing("approve");
            fields.String("reason");
        }
        else
        {
            fields.RequiredString("server_label", 256);
            if (type == "mcp_list_tools")
            {
                if (fields.Array("tools", 1000) is null)
                    fields.Missing("tools");
            }
            else
            {
                fields.RequiredString("name", 256);
                fields.RequiredString("arguments");
            }
        }

        return new ConversationItem { Id = id, Type = type, ApprovalRequestId = approvalRequest, Raw = fields.Element.Clone() };
    }

    private static ConversationItem? Unsupported(EventFields fields, string type)
    {
        fields.Invalid("type", $"Invalid value: '{EventFields.Shorten(type)}'. Supported values are: 'message', 'function_call', 'function_call_output', 'mcp_approval_request', 'mcp_approval_response', 'mcp_call', 'mcp_list_tools'.");
        return null;
    }

    // What a client creates is whole, unless it restores a cut-off item and says so.
    private static string Status(EventFields fields) => fields.OneOf("status", "completed", "incomplete", "in_progress") is "incomplete" ? "incomplete" : "completed";

    private static byte[] Base64Bytes(EventFields fields, string name)
    {
        if (fields.RequiredString(name, 21_000_000) is not { } text)
            return [];
        if (!Base64.IsValid(text))
        {
            fields.Invalid(name, $"Invalid '{fields.Sub(name)}': expected base64-encoded audio bytes.");
            return [];
        }

        return Convert.FromBase64String(text);
    }
}
