using Microsoft.Extensions.Options;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.Synthesis;

namespace VoiceCarnival.Speech;

/// <summary>Says at the start what the settings of the services lack.</summary>
internal sealed class RemoteServiceValidator : IValidateOptions<RecognitionOptions>, IValidateOptions<SynthesisOptions>, IValidateOptions<ChatModelOptions>
{
    public ValidateOptionsResult Validate(string? name, RecognitionOptions options)
    {
        var problems = Problems(options, options.Provider == "openai");
        if (options.Provider == "pocketsphinx" && (!PocketSphinxLibrary.IsAvailable || PocketSphinxModel.Find(options.ModelPath) is null))
            problems.Add("Provider: 'pocketsphinx' is not installed, or has no model at ModelPath; on Debian and Ubuntu: apt-get install libpocketsphinx3 pocketsphinx-en-us");
        else if (options.Provider == "auto" && !string.IsNullOrWhiteSpace(options.ModelPath) && PocketSphinxModel.Find(options.ModelPath) is null)
            problems.Add($"ModelPath: there is no model in '{options.ModelPath}': it needs the folder en-us and the files en-us.lm.bin and cmudict-en-us.dict");
        return Result(problems);
    }

    public ValidateOptionsResult Validate(string? name, SynthesisOptions options)
    {
        var problems = Problems(options, options.Provider == "openai");
        string? espeak = EspeakVoices.Find();
        bool isEnglish = new SpeechStyle(null, options.Language, 1).IsEnglish;
        if (options.Provider == "flite" && !isEnglish && espeak is null)
            problems.Add($"Language: flite speaks English, and '{options.Language}' needs espeak-ng; on Debian and Ubuntu: apt-get install espeak-ng");
        else if (espeak is not null && (options.Provider == "espeak" || (options.Provider == "flite" && !isEnglish)) && !EspeakVoices.Speaks(espeak, options.Language))
            problems.Add($"Language: espeak-ng does not speak '{options.Language}'; 'espeak-ng --voices' lists what it does");
        return Result(problems);
    }

    public ValidateOptionsResult Validate(string? name, ChatModelOptions options)
    {
        var problems = Problems(options, needsServer: false);
        if (!string.IsNullOrWhiteSpace(options.BaseUrl) && string.IsNullOrWhiteSpace(options.Model))
            problems.Add("Model is missing: the name by which the server at BaseUrl knows its model");
        return Result(problems);
    }

    private static List<string> Problems(RemoteServiceOptions options, bool needsServer)
    {
        var problems = new List<string>();
        if (!string.IsNullOrWhiteSpace(options.BaseUrl) && (!Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
            problems.Add($"BaseUrl must be an http or https URL (is '{options.BaseUrl}')");
        if (needsServer && string.IsNullOrWhiteSpace(options.BaseUrl) && options.ApiKey.IsEmpty)
            problems.Add("Provider: 'openai' needs the server's BaseUrl, or an ApiKey for OpenAI's own");
        return problems;
    }

    private static ValidateOptionsResult Result(List<string> problems) => problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
}
