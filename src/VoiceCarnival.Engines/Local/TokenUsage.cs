using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>
/// Token counts as OpenAI's guide gives them: caller audio one token per 100 ms, agent audio one per 50 ms; text about four characters a token.
/// </summary>
internal readonly record struct TokenUsage(int InputText, int InputAudio, int Cached, int OutputText, int OutputAudio)
{
    public const int AgentMillisecondsPerToken = 50;

    public int Input => InputText + InputAudio;

    public int Output => OutputText + OutputAudio;

    public static int OfText(string? text) => text is null ? 0 : (text.Length + 3) / 4;

    /// <summary>Counts a response's input.</summary>
    public static TokenUsage OfInput(string instructions, IReadOnlyList<ConversationItem> context, int previousInput)
    {
        int text = OfText(instructions);
        long audio = 0;
        foreach (var item in context)
        {
            text += OfText(item.Arguments) + OfText(item.Output);
            foreach (var part in item.Content)
            {
                if (part.Type is "input_audio")
                    audio += part.AudioMilliseconds / 100;
                else if (part.Type is "output_audio")
                    audio += part.AudioMilliseconds / AgentMillisecondsPerToken;
                else
                    text += OfText(part.Text);
            }
        }

        var usage = new TokenUsage(text, (int)Math.Min(audio, int.MaxValue / 2), 0, 0, 0);
        return usage with { Cached = Math.Min(previousInput, usage.Input) };
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("total_tokens", Input + Output);
        writer.WriteNumber("input_tokens", Input);
        writer.WriteNumber("output_tokens", Output);
        writer.WriteStartObject("input_token_details");
        writer.WriteNumber("text_tokens", InputText);
        writer.WriteNumber("audio_tokens", InputAudio);
        writer.WriteNumber("image_tokens", 0);
        writer.WriteNumber("cached_tokens", Cached);
        writer.WriteStartObject("cached_tokens_details");
        int cachedText = Math.Min(Cached, InputText);
        writer.WriteNumber("text_tokens", cachedText);
        writer.WriteNumber("audio_tokens", Cached - cachedText);
        writer.WriteNumber("image_tokens", 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("output_token_details");
        writer.WriteNumber("text_tokens", OutputText);
        writer.WriteNumber("audio_tokens", OutputAudio);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
