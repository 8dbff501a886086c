using System.Text.RegularExpressions;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local.Script;

/// <summary>Every example of the scripts' README is compiled and run.</summary>
public sealed class ScriptReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "script-readme.md"));

    private static List<string> Examples() =>
        [.. Regex.Matches(Readme, "```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["json"].Value).Where(json => json.Contains("\"turns\"", StringComparison.Ordinal))];

    [Fact]
    public void Examples_AreThree() => Assert.Equal(3, Examples().Count);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Example_CompilesAndRunsToItsEnd(int index)
    {
        var problems = new List<string>();
        var script = ScriptCompiler.Compile(ScriptDocument.Parse(Examples()[index], "."), problems);
        Assert.Empty(problems);
        var h = new DialogueHarness(new ScriptBrain(script), timeline: new ScriptTimeline(script.Timeline));
        for (int turn = 0; turn < script.Turns.Count && h.Termination is null; turn++)
        {
            h.Send("""{"type":"response.create"}""");
            Assert.Equal(turn + 1, h.Of("response.created").Count());
            h.Advance(10_000);
        }

        Assert.Equal(index == 2, h.Termination is { Abrupt: true });
        h.CheckFlow();
    }

    [Fact]
    public void Fields_AreAllDescribed()
    {
        foreach (var type in (Type[])[typeof(ScriptDocument), typeof(ScriptRefusal), typeof(ScriptPace), typeof(ScriptTurn), typeof(ScriptStep), typeof(ScriptTimelineEntry)])
        {
            foreach (var property in type.GetProperties().Where(p => p.Name is not ("Folder" or "EqualityContract")))
            {
                string name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
                Assert.Matches($"`{name}[`:]", Readme);
            }
        }
    }
}
