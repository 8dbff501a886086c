using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime.Calls;

namespace VoiceCarnival.Engines.Tests.OpenAIRealtime.Calls;

public sealed class CallRouterTests
{
    [Theory]
    [InlineData("+4930*", "\"Ann\" <sip:+4930123@example.org;user=phone>;tag=1", true)]
    [InlineData("+4930123", "sip:+4930123@example.org", true)]
    [InlineData("sip:+4930123@EXAMPLE.org", "<sip:+4930123@example.org>", true)]
    [InlineData("tel:+4930123", "<tel:+4930123;phone-context=x>", true)]
    [InlineData("+493012?", "<sip:+4930123@h>", true)]
    [InlineData("+493012", "<sip:+4930123@h>", false)] // anchored
    [InlineData("4930123", "<sip:+4930123@h>", false)]
    [InlineData("*ann*", "\"Ann\" <sip:x@h>", true)] // the whole value as well
    [InlineData("/sip:\\+49[0-9]+@.*/", "<sip:+4930123@h>", true)]
    [InlineData("/49/", "<sip:+4930123@h>", false)]
    [InlineData("a.c", "abc", false)] // no regular expression outside slashes
    [InlineData("spring", "SPRING", true)]
    [InlineData("*", "", true)]
    [InlineData("x", "<sip:x@h", false)] // no end
    public void Pattern_MatchesTheValueOrTheAddressInIt(string pattern, string value, bool matches) =>
        Assert.Equal(matches, HeaderPattern.TryParse(pattern, out _)!.Matches(value));

    [Fact]
    public void HostileValue_IsMatchedInLinearTime_AndAnEndlessOneNotAtAll()
    {
        var pattern = HeaderPattern.TryParse("/(a+)+b/", out _)!;
        Assert.False(pattern.Matches(new string('a', 1000)));
        Assert.False(HeaderPattern.TryParse("*", out _)!.Matches(new string('a', 5000)));
    }

    [Fact]
    public void FirstRouteWhosePatternsAllMatch_Counts()
    {
        var router = new CallRouter(new CallsOptions
        {
            DefaultAction = CallAction.Reject,
            Routes =
            [
                new CallRoute { Name = "both", Match = { ["To"] = "1", ["x-a"] = "y" } },
                new CallRoute { Name = "one", Match = { ["to"] = "1" } },
            ],
        });
        Assert.Equal("both", router.Choose([new("To", "sip:1@h"), new("X-A", "n"), new("X-A", "y")]).Name);
        Assert.Equal("one", router.Choose([new("TO", "sip:1@h"), new("X-A", "n")]).Name);
        Assert.Equal(CallAction.Reject, router.Choose([]).Action);
    }

    [Fact]
    public void WrongRoutes_AreAllListedByTheirKeys()
    {
        var result = new CallsOptionsValidator().Validate(null, new CallsOptions
        {
            Routes =
            [
                new CallRoute { Match = { ["To"] = "/(/" } },
                new CallRoute { Match = { ["To"] = "/(?=a)a/" } },
                new CallRoute { Action = CallAction.Reject, Greeting = "Hi." },
                new CallRoute { Match = { ["To"] = "x" }, Tools = "{}" },
            ],
        });
        Assert.Equal(
            ["Routes:0:Match:To", "Routes:1:Match:To", "Routes:2 matches", "Routes:2:Greeting", "Routes:3:Tools"],
            result.Failures!.Select(failure => failure["VoiceCarnival:OpenAI:Calls:".Length..]).Select((failure, i) => failure[..new[] { 17, 17, 16, 17, 14 }[i]]));
        Assert.Equal(ValidateOptionsResult.Success, new CallsOptionsValidator().Validate(null, new CallsOptions()));
    }
}
