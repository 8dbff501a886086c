using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Tests.Settings;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("App:Count", "0", "App:Count must be between 1 and 9 (is 0)")]
    [InlineData("App:Count", "many", "App:Count must be a whole number (is 'many')")]
    [InlineData("App:Count:Inner", "1", "App:Count must be one value (is a group)")]
    [InlineData("App:Cuont", "1", "App:Cuont is not a setting; did you mean App:Count?")]
    [InlineData("App:Elephant", "1", "App:Elephant is not a setting; known here: Count, Key, Mode, Names, Nested, Other, Parts, Wait")]
    [InlineData("App:Mode", "sideways", "App:Mode must be one of auto, off, required (is 'sideways')")]
    [InlineData("App:Mode", "77", "App:Mode must be one of auto, off, required (is '77')")]
    [InlineData("App:Names", "one", "App:Names must be a list, its values at App:Names:0 and so on (is 'one')")]
    [InlineData("App:Wait", "long", "App:Wait must be a time span such as 00:00:30 (is 'long')")]
    [InlineData("App:Nested:Inside", "1", "App:Nested:Inside is not a setting; known here: Depth")]
    [InlineData("App:Nested:Depth", "5", "App:Nested:Depth must be between 0 and 3 (is 5)")]
    [InlineData("App:Parts:0:Depth", "5", "App:Parts:0:Depth must be between 0 and 3 (is 5)")]
    [InlineData("App:Parts:0:Dept", "5", "App:Parts:0:Dept is not a setting; did you mean App:Parts:0:Depth?")]
    public void WrongSetting_IsNamed(string key, string value, string problem) => Assert.Equal([problem], Problems((key, value)));

    [Fact]
    public void GoodSettings_HaveNoProblems() => Assert.Empty(Problems(("App:Count", "3"), ("app:mode", "OFF"), ("App:Names:0", "a"), ("App:Names", ""),
        ("App:Wait", "00:01:00"), ("App:Nested:Depth", "1"), ("App:Parts:0:Depth", "2"), ("App:Key", "secret"), ("App:Other:Count", "2")));

    [Fact]
    public void AllProblems_AreFoundTogether() =>
        Assert.Equal(3, Problems(("App:Count", "0"), ("App:Mode", "x"), ("App:Other:Count", "0")).Count);

    [Fact]
    public void Secret_DoesNotShow()
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection([new("App:Key", " hidden ")]).Build().GetSection("App").Get<AppOptions>()!;
        Assert.Equal("hidden", options.Key.Reveal());
        Assert.Equal("***", $"{options.Key}");
        Assert.Equal("(not set)", Secret.None.ToString());
    }

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)))
            .Build();
        using var services = new ServiceCollection()
            .AddSettings<AppOptions>(configuration.GetSection("App"))
            .AddSettings<OtherOptions>(configuration.GetSection("App:Other"))
            .BuildServiceProvider();
        return services.FindSettingsProblems();
    }

    internal sealed class AppOptions
    {
        [Range(1, 9)]
        public int Count { get; set; } = 1;

        public AuthenticationMode Mode { get; set; }

        public string[] Names { get; set; } = [];

        public TimeSpan Wait { get; set; }

        public Secret Key { get; set; } = Secret.None;

        public PartOptions Nested { get; set; } = new();

        public List<PartOptions> Parts { get; set; } = [];
    }

    internal sealed class OtherOptions
    {
        [Range(1, 9)]
        public int Count { get; set; } = 1;
    }

    internal sealed class PartOptions
    {
        [Range(0, 3)]
        public int Depth { get; set; }
    }
}
