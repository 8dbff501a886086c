using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>Asserts what must hold over the order of a session's server events, whatever was said.</summary>
/// <remarks>
/// Relative orders that OpenAI leaves open are left open here: the parts' done events among themselves, output_item.done against
/// conversation.item.done, and when rate limits and transcriptions come.
/// </remarks>
public static class EventFlow
{
    /// <summary>Answers every broken rule, each with the number of the event that broke it.</summary>
    /// <param name="events">The server's events in order.</param>
    /// <param name="complete">The recording ends at rest: all responses and items that began must have ended.</param>
    public static IReadOnlyList<string> Violations(IEnumerable<JsonElement> events, bool complete = true)
    {
        var checker = new EventFlowChecker();
        foreach (var json in events)
        {
            checker.Take(json);
        }

        if (complete)
        {
            checker.End();
        }

        return checker.Violations;
    }

    /// <inheritdoc cref="Violations(IEnumerable{JsonElement}, bool)"/>
    public static IReadOnlyList<string> Violations(IEnumerable<ReceivedEvent> events, bool complete = true) =>
        Violations(events.Select(received => received.Json), complete);
}
