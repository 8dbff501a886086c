using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Speech;

/// <summary>Speech to text, <c>VoiceCarnival:Local:SpeechToText</c>.</summary>
public sealed class RecognitionOptions : RemoteServiceOptions
{
    /// <summary><c>auto</c> is PocketSphinx where it is installed; <c>pocketsphinx</c> the same, and the start fails where it is not; <c>openai</c> is the server at <c>BaseUrl</c>; <c>none</c> leaves transcripts away.</summary>
    [AllowedValues("auto", "pocketsphinx", "openai", "none", ErrorMessage = "must be 'auto', 'pocketsphinx', 'openai' or 'none'")]
    public string Provider { get; set; } = "auto";

    /// <summary>PocketSphinx: folder with the model <c>en-us</c>, the language model <c>en-us.lm.bin</c> and the dictionary <c>cmudict-en-us.dict</c>; where the system's package has them when it is not set.</summary>
    public string? ModelPath { get; set; }

    /// <summary>PocketSphinx: turns that are recognised at a time; others wait, and one of several is kept for those that only want a final text. Each takes 100 MB once it has been used, until it was not needed for two minutes; one is kept.</summary>
    [Range(1, 64)]
    public int Decoders { get; set; } = 3;
}
