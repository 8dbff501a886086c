namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>Dotted paths in errors, turned back into the fields that a beta caller wrote.</summary>
public static class BetaPaths
{
    private const string Session = "session.";

    // A path before those that it begins with.
    private static readonly (string Ga, string Beta)[] Names =
    [
        ("session.audio.input.format.type", "session.input_audio_format"),
        ("session.audio.input.format.rate", "session.input_audio_format"),
        ("session.audio.input.format", "session.input_audio_format"),
        ("session.audio.input.transcription", "session.input_audio_transcription"),
        ("session.audio.input.noise_reduction", "session.input_audio_noise_reduction"),
        ("session.audio.input.turn_detection", "session.turn_detection"),
        ("session.audio.output.format.type", "session.output_audio_format"),
        ("session.audio.output.format.rate", "session.output_audio_format"),
        ("session.audio.output.format", "session.output_audio_format"),
        ("session.audio.output.voice", "session.voice"),
        ("session.audio.output.speed", "session.speed"),
        ("session.output_modalities", "session.modalities"),
        ("session.max_output_tokens", "session.max_response_output_tokens"),
        ("response.audio.output.format.type", "response.output_audio_format"),
        ("response.audio.output.format", "response.output_audio_format"),
        ("response.audio.output.voice", "response.voice"),
        ("response.output_modalities", "response.modalities"),
    ];

    /// <summary>A path, or a message that quotes one, in beta's names.</summary>
    public static string Rename(string text)
    {
        foreach (var (ga, beta) in Names)
            text = text.Replace(ga, beta, StringComparison.Ordinal);
        return text;
    }

    /// <summary>An error about session fields, for a request whose body is the session itself.</summary>
    public static RealtimeError OfBody(RealtimeError error)
    {
        string? param = error.Param is null ? null : Rename(error.Param);
        return error with
        {
            Message = Rename(error.Message).Replace("'session.", "'", StringComparison.Ordinal),
            Param = param?.StartsWith(Session, StringComparison.Ordinal) == true ? param[Session.Length..] : param,
        };
    }
}
