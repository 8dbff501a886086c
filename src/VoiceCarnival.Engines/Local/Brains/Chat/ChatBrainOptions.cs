using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Engines.Local.Brains.Chat;

/// <summary>The <c>chat</c> brain, <c>VoiceCarnival:Local:Chat</c>. Which model it asks is <c>VoiceCarnival:Local:ChatModel</c>.</summary>
public sealed class ChatBrainOptions
{
    /// <summary>Seconds after which the caller is told that it takes a moment; 0 never tells.</summary>
    [Range(0, 60)]
    public double PatienceSeconds { get; set; } = 4;

    /// <summary>What is said then.</summary>
    public string Patience { get; set; } = "One moment, please.";

    /// <summary>What is said when the model cannot be asked or does not answer.</summary>
    [Required]
    public string Apology { get; set; } = "Sorry, I cannot think right now. Please try again in a moment.";

    /// <summary>What is said when the model server has too much to do.</summary>
    [Required]
    public string BusyApology { get; set; } = "Sorry, too many people are asking me things right now. Please try again in a little while.";

    /// <summary>What is said when an answer breaks off.</summary>
    [Required]
    public string CutApology { get; set; } = "Sorry, I lost my train of thought.";

    /// <summary>Added to the session's instructions when the answer is spoken; empty adds nothing.</summary>
    public string SpokenStyle { get; set; } = "Your answers are heard, not read: use short spoken sentences, without lists, markup or emoji.";

    /// <summary>Characters of history that are sent to the model; the oldest turns are left out first.</summary>
    [Range(500, 10_000_000)]
    public int MaxHistoryCharacters { get; set; } = 60_000;

    /// <summary>Characters of one answer; what a model writes beyond is not asked for.</summary>
    [Range(100, 1_000_000)]
    public int MaxAnswerCharacters { get; set; } = 20_000;
}
