using System.Text;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>An output item of an answer that is being given.</summary>
internal sealed class OpenItem(string id, int outputIndex, JsonObject item)
{
    public string Id => id;

    public int OutputIndex => outputIndex;

    /// <summary>The item as it was announced, or as it was finished.</summary>
    public JsonObject Item { get; set; } = item;

    public List<OpenPart> Parts { get; } = [];

    /// <summary>Arguments of a function call so far.</summary>
    public StringBuilder Arguments { get; } = new();

    /// <summary><c>response.output_item.done</c> was seen.</summary>
    public bool IsDone { get; set; }

    /// <summary><c>conversation.item.done</c> was seen.</summary>
    public bool IsInConversation { get; set; }

    public OpenPart? Part(int contentIndex) => Parts.Find(part => part.ContentIndex == contentIndex);
}
