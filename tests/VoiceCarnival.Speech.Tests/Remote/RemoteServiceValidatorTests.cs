using VoiceCarnival.Sessions.Settings;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Remote;

public sealed class RemoteServiceValidatorTests
{
    private static readonly RemoteServiceValidator Validator = new();

    private static string Problem(RecognitionOptions options) => Assert.Single(Validator.Validate(null, options).Failures!);

    [Fact]
    public void TheDefaults_AreRight()
    {
        Assert.True(Validator.Validate(null, new RecognitionOptions()).Succeeded);
        Assert.True(Validator.Validate(null, new SynthesisOptions()).Succeeded);
        Assert.True(Validator.Validate(null, new ChatModelOptions()).Succeeded);
    }

    [Theory]
    [InlineData("localhost:8000/v1")]
    [InlineData("/v1")]
    [InlineData("ftp://localhost/v1")]
    [InlineData("not a url")]
    public void AnAddressThatIsNoUrl_IsNamed(string url)
    {
        Assert.Contains(url, Problem(new RecognitionOptions { Provider = "openai", BaseUrl = url }), StringComparison.Ordinal);
        Assert.Contains("BaseUrl", Assert.Single(Validator.Validate(null, new SynthesisOptions { Provider = "openai", BaseUrl = url }).Failures!), StringComparison.Ordinal);
        Assert.Contains("BaseUrl", Assert.Single(Validator.Validate(null, new ChatModelOptions { BaseUrl = url, Model = "m" }).Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void AServer_NeedsAnAddressOrAKey()
    {
        Assert.Contains("ApiKey", Problem(new RecognitionOptions { Provider = "openai" }), StringComparison.Ordinal);
        Assert.True(Validator.Validate(null, new RecognitionOptions { Provider = "openai", ApiKey = new Secret("k") }).Succeeded);
        Assert.True(Validator.Validate(null, new SynthesisOptions { Provider = "openai", BaseUrl = "https://tts.example/v1" }).Succeeded);
    }

    [Fact]
    public void AChatServer_NeedsItsModelsName()
    {
        Assert.Contains("Model", Assert.Single(Validator.Validate(null, new ChatModelOptions { BaseUrl = "http://localhost:11434/v1" }).Failures!), StringComparison.Ordinal);
        Assert.True(Validator.Validate(null, new ChatModelOptions { BaseUrl = "http://localhost:11434/v1", Model = "m" }).Succeeded);
        Assert.True(Validator.Validate(null, new ChatModelOptions { ApiKey = new Secret("k") }).Succeeded); // OpenAI's own has a default
    }

    [Theory]
    [InlineData("auto", "ModelPath")]
    [InlineData("pocketsphinx", "ModelPath")]
    public void AFolderWithoutAModel_IsNamed(string provider, string setting) =>
        Assert.Contains(setting, Problem(new RecognitionOptions { Provider = provider, ModelPath = "/nowhere/at/all" }), StringComparison.Ordinal);

    [Theory]
    [InlineData("espeak", "zz")]
    [InlineData("flite", "zz")]
    [InlineData("espeak", "xx-YY")]
    public void ALanguageThatNobodySpeaks_IsNamed(string provider, string language)
    {
        Assert.SkipWhen(VoiceCarnival.Speech.Synthesis.EspeakVoices.Find() is null, "espeak-ng is not installed");
        Assert.Contains(language, Assert.Single(Validator.Validate(null, new SynthesisOptions { Provider = provider, Language = language }).Failures!), StringComparison.Ordinal);
        Assert.True(Validator.Validate(null, new SynthesisOptions { Provider = provider, Language = "pt-BR" }).Succeeded);
        Assert.True(Validator.Validate(null, new SynthesisOptions { Provider = "none", Language = language }).Succeeded);
    }

    [Fact]
    public void AFolderThatNobodyUses_DoesNotMatter() => Assert.True(Validator.Validate(null, new RecognitionOptions { Provider = "none", ModelPath = "/nowhere/at/all" }).Succeeded);
}
