namespace VoiceCarnival.Testing.Realtime;

/// <summary>The known places where OpenAI's real traffic, or its own clients, differ from OpenAI's schema.</summary>
public static class Deviations
{
    /// <summary>What an event from the server may have, against the schema.</summary>
    public static IReadOnlyList<Deviation> Server { get; } =
    [
        new("**.content[*].transcript", SchemaProblemKind.Null, "Captures: a spoken user item is added before it is transcribed."),
        new("response.status_details", SchemaProblemKind.Null, "Captures: null until the response has ended, and when it completed."),
        new("response.usage", SchemaProblemKind.Null, "Captures: null until the response has ended."),
        new("response.conversation_id", SchemaProblemKind.Null, "Guide: null for a response out of band."),
        new("**.audio.input.transcription", SchemaProblemKind.Null, "Captures: null when transcription is off."),
        new("**.audio.input.noise_reduction", SchemaProblemKind.Null, "Captures: null when noise reduction is off; it is the schema's default."),
        new("session.include", SchemaProblemKind.Null, "Captures: null when nothing more is asked for."),
        new("session.prompt", SchemaProblemKind.Null, "Captures: null without a reusable prompt."),
        new("error.param", SchemaProblemKind.Null, "OpenAI's own example of a failed transcription has null; the error event allows it."),
    ];

    /// <summary>What an event from a client may have, against the schema.</summary>
    public static IReadOnlyList<Deviation> Client { get; } =
    [
        new("session.audio.input.transcription", SchemaProblemKind.Null, "How a client turns it off; the agents SDK sends it."),
        new("session.audio.input.noise_reduction", SchemaProblemKind.Null, "How a client turns it off; the agents SDK sends it."),
        new("session.include", SchemaProblemKind.Null, "A session update clears a field with null."),
        new("session.prompt", SchemaProblemKind.Null, "A session update clears a field with null."),
    ];
}
