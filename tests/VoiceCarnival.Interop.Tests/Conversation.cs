using System.Runtime.InteropServices;
using System.Text.Json;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Interop.Tests;

/// <summary>What a client made of the conversation of <c>conversation.json</c>: a spoken turn, a typed one, a tool call, an interruption.</summary>
internal sealed record Conversation
{
    public static short[] Hello { get; } = SpeechFile.Read("hello.wav");

    /// <summary>The audio of the spoken turn's answer, PCM16 at 24 kHz.</summary>
    public byte[] SpokenAudio { get; set; } = [];

    /// <summary>Transcript of what the caller said.</summary>
    public string? Heard { get; set; }

    /// <summary>Transcript of what was answered.</summary>
    public string? Said { get; set; }

    public string? TypedAnswer { get; set; }

    public string? ToolArguments { get; set; }

    public string? ToolAnswer { get; set; }

    /// <summary>Status of the interrupted response.</summary>
    public string? InterruptedStatus { get; set; }

    /// <summary>Where the client cut the interrupted item, ms; null where it has no way to.</summary>
    public int? TruncatedAt { get; set; }

    /// <summary>Status of the response to what the caller said over the other.</summary>
    public string? LastStatus { get; set; }

    /// <summary>Error events, exceptions, warnings.</summary>
    public List<string> Problems { get; } = [];

    public void AssertWhole()
    {
        Assert.Empty(Problems);
        Assert.Equal("Hello.", Heard);
        Assert.Equal("Hello to you.", Said);
        var samples = MemoryMarshal.Cast<byte, short>(SpokenAudio);
        Assert.True(samples.Length > 24_000, $"only {samples.Length} samples came back");
        // A tenth of a second of the first word, which the answer begins with, after the quiet before it.
        var (_, correlation) = AudioCheck.Find(samples[9_600..12_000], Hello, maximumLag: 24_000);
        Assert.True(correlation > 0.99, $"the answer is not what was said: correlation {correlation:F3}");
        Assert.Equal("Good morning to you.", TypedAnswer);
        using var arguments = JsonDocument.Parse(ToolArguments!);
        Assert.Equal("UTC", arguments.RootElement.GetProperty("zone").GetString());
        Assert.Equal("It is noon.", ToolAnswer);
        Assert.Equal("cancelled", InterruptedStatus);
        Assert.Equal("completed", LastStatus);
    }
}
