using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.Local.Brains.Chat;

namespace VoiceCarnival.Engines.Local;

/// <summary>The embedded engine, <c>VoiceCarnival:Local</c>.</summary>
public sealed class LocalEngineOptions
{
    /// <summary>
    /// Who answers: <c>echo</c> says back what it heard; <c>concierge</c> knows a handful of requests; <c>chat</c> asks a language model; <c>script</c> follows <see cref="Script"/>. Unless it is
    /// <c>script</c>, a session may choose among the others by its model: <c>voicecarnival-echo</c>, <c>voicecarnival-concierge</c>, <c>voicecarnival-chat</c>.
    /// </summary>
    [AllowedValues("echo", "concierge", "chat", "script", ErrorMessage = "must be 'echo', 'concierge', 'chat' or 'script'")]
    public string Brain { get; set; } = "echo";

    /// <summary>
    /// What the <c>echo</c> brain says back: the caller's own <c>audio</c>; the <c>words</c> that it understood, in a voice of its own; <c>auto</c> is words where there is a recogniser, else audio.
    /// </summary>
    [AllowedValues("auto", "audio", "words", ErrorMessage = "must be 'auto', 'audio' or 'words'")]
    public string Echo { get; set; } = "auto";

    /// <summary>The <c>chat</c> brain.</summary>
    [ValidateObjectMembers]
    public ChatBrainOptions Chat { get; set; } = new();

    /// <summary>Path of the script file for the <c>script</c> brain, relative to the working directory.</summary>
    public string? Script { get; set; }

    /// <summary>
    /// What finds the caller's turns: <c>silero</c>, a small neural network that hears speech in strong noise and nothing else, or <c>energy</c>, which costs next to nothing and takes music and noises for speech, too.
    /// </summary>
    [AllowedValues("silero", "energy", ErrorMessage = "must be 'silero' or 'energy'")]
    public string VoiceActivity { get; set; } = "silero";

    /// <summary>Output audio leaves this many times faster than real time, as OpenAI's does; 1 is real time.</summary>
    [Range(0.1, 1000)]
    public double OutputSpeed { get; set; } = 4;

    /// <summary>Output audio sent at once when a response begins, ms.</summary>
    [Range(0, 60_000)]
    public int OutputLeadMs { get; set; } = 400;

    /// <summary>Length of one audio delta, ms.</summary>
    [Range(10, 2000)]
    public int OutputDeltaMs { get; set; } = 100;

    /// <summary>Audio deltas that leave together in a burst.</summary>
    [Range(1, 100)]
    public int OutputBurst { get; set; } = 2;

    /// <summary>Models that only transcribe: as at the service, a session is not opened with one (<c>invalid_model</c>) unless its type is <c>transcription</c>. The names are in <c>appsettings.json</c>.</summary>
    public string[] TranscriptionModels { get; set; } = [];

    /// <summary>Longest single turn or uncommitted input, seconds.</summary>
    [Range(1, 3600)]
    public int MaxInputSeconds { get; set; } = 300;

    /// <summary>Audio kept with the conversation's items for <c>conversation.item.retrieve</c>, seconds; the oldest goes first.</summary>
    [Range(0, 36_000)]
    public int RetainedAudioSeconds { get; set; } = 120;

    /// <summary>Items kept in a conversation; the oldest go first, as with OpenAI's truncation.</summary>
    [Range(16, 100_000)]
    public int MaxItems { get; set; } = 1000;
}
