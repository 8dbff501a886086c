using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Protocols.Tests.Realtime;

public sealed class EventFieldsTests
{
    private static (EventFields Fields, EventProblem Problem) Read(string json, string path = "")
    {
        var problem = new EventProblem();
        return (new EventFields(JsonElement.Parse(json), path, problem), problem);
    }

    [Fact]
    public void FieldsOfTheRightType_AreRead()
    {
        var (f, p) = Read("""{"s":"x","i":800.0,"n":0.5,"b":true,"o":{"inner":1},"a":[1,2],"z":null}""");
        Assert.Equal("x", f.String("s"));
        Assert.Equal(800, f.Integer("i", 0, 1000));
        Assert.Equal(0.5, f.Number("n", 0, 1));
        Assert.True(f.Boolean("b"));
        Assert.Equal(1, f.Object("o")!.Value.Integer("inner", 0, 1));
        Assert.Equal(2, f.Array("a", 2)!.Count);
        Assert.True(f.Has("z") && f.IsNull("z"));
        Assert.Null(f.String("z"));
        Assert.Null(f.String("absent"));
        Assert.False(f.Has("absent"));
        Assert.Null(p.Error);
    }

    public static TheoryData<string, Action<EventFields>, string, string> Wrong => new()
    {
        { "{\"x\":1}", f => f.String("x"), "invalid_type", "at.x" },
        { "{\"x\":\"abc\"}", f => f.String("x", 2), "string_above_max_length", "at.x" },
        { "{}", f => f.RequiredString("x"), "missing_required_parameter", "at.x" },
        { "{\"x\":null}", f => f.RequiredString("x"), "missing_required_parameter", "at.x" },
        { "{\"x\":\"c\"}", f => f.OneOf("x", "a", "b"), "invalid_value", "at.x" },
        { "{\"x\":\"1\"}", f => f.Integer("x", 0, 1), "invalid_type", "at.x" },
        { "{\"x\":1.5}", f => f.Integer("x", 0, 9), "invalid_type", "at.x" },
        { "{\"x\":1e400}", f => f.Integer("x", 0, 9), "integer_above_max_value", "at.x" },
        { "{\"x\":-1}", f => f.Integer("x", 0, 9), "integer_below_min_value", "at.x" },
        { "{\"x\":99999999999}", f => f.Integer("x", 0, int.MaxValue), "integer_above_max_value", "at.x" },
        { "{\"x\":2}", f => f.Number("x", 0, 1), "decimal_above_max_value", "at.x" },
        { "{\"x\":-0.5}", f => f.Number("x", 0, 1), "decimal_below_min_value", "at.x" },
        { "{\"x\":1e999}", f => f.Number("x", 0, 1), "decimal_above_max_value", "at.x" },
        { "{\"x\":-1e999}", f => f.Integer("x", 0, 9), "integer_below_min_value", "at.x" },
        { "{\"x\":0}", f => f.Boolean("x"), "invalid_type", "at.x" },
        { "{\"x\":[]}", f => f.Object("x"), "invalid_type", "at.x" },
        { "{}", f => f.RequiredObject("x"), "missing_required_parameter", "at.x" },
        { "{\"x\":{}}", f => f.Array("x", 1), "invalid_type", "at.x" },
        { "{\"x\":[1,2]}", f => f.Array("x", 1), "array_above_max_length", "at.x" },
        { "{\"x\":[\"a\",1]}", f => f.Strings("x", 2), "invalid_type", "at.x[1]" },
        { "{\"x\":1}", f => f.AllowOnly("y"), "unknown_parameter", "at.x" },
        { "[]", _ => { }, "invalid_type", "at" },
        { "{\"x\":\"\\ud800\"}", f => f.String("x"), "invalid_value", "at.x" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void FieldThatIsWrong_IsReportedWithItsPath(string json, Action<EventFields> read, string code, string param)
    {
        var (f, p) = Read(json, "at");
        read(f);
        Assert.Equal(code, p.Error?.Code);
        Assert.Equal(param, p.Error?.Param);
    }

    [Fact]
    public void FirstProblem_IsTheOneThatIsKept()
    {
        var (f, p) = Read("""{"a":1,"b":1}""");
        f.String("a");
        f.String("b");
        Assert.Equal("a", p.Error!.Param);
    }

    [Fact]
    public void LongNames_AreShortenedInMessages()
    {
        var (f, p) = Read($$"""{"{{new string('x', 5000)}}":1}""");
        f.AllowOnly();
        Assert.True(p.Error!.Message.Length < 200);
    }
}
