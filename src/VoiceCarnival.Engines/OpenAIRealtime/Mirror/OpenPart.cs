using System.Text;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>A content part of an answer that is being given.</summary>
internal sealed class OpenPart(int contentIndex, bool isAudio)
{
    public int ContentIndex => contentIndex;

    public bool IsAudio => isAudio;

    /// <summary>Text or transcript so far.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary><c>output_audio.done</c> was seen.</summary>
    public bool IsAudioDone { get; set; }

    /// <summary>The text's or the transcript's <c>.done</c> was seen.</summary>
    public bool IsTextDone { get; set; }

    /// <summary><c>content_part.done</c> was seen.</summary>
    public bool IsDone { get; set; }
}
