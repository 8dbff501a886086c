using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Speech;

/// <summary>Text to speech, <c>VoiceCarnival:Local:TextToSpeech</c>.</summary>
public sealed class SynthesisOptions : RemoteServiceOptions
{
    /// <summary>
    /// <c>flite</c> is part of this server and speaks English, and where espeak-ng is installed, that speaks other languages; <c>espeak</c> is espeak-ng for all of them; <c>openai</c> is the server at <c>BaseUrl</c>; <c>none</c> leaves speech away.
    /// </summary>
    [AllowedValues("flite", "espeak", "openai", "none", ErrorMessage = "must be 'flite', 'espeak', 'openai' or 'none'")]
    public string Provider { get; set; } = "flite";

    /// <summary>A voice for all sessions, by the service's own name; each session's own voice when it is not set.</summary>
    public string? Voice { get; set; }

    /// <summary>The language that is spoken, as a tag such as <c>en</c> or <c>pt-BR</c>.</summary>
    [RegularExpression("^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$", ErrorMessage = "must be a language tag such as 'en' or 'pt-BR'")]
    public string Language { get; set; } = "en";
}
