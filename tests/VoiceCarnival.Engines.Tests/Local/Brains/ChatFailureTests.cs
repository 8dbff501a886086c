using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>The chat brain when the model fails, or ends its answer otherwise than it should.</summary>
public sealed class ChatFailureTests : ChatConversation
{
    [Theory]
    [InlineData(429, "rate_limit_exceeded", "Sorry, too many people")]
    [InlineData(500, "server_error", "Sorry, I cannot think right now.")]
    [InlineData(null, "timeout", "Sorry, I cannot think right now.")]
    public async Task AModelThatFails_IsApologisedFor_AndTheReasonTold(int? status, string code, string apology)
    {
        New(speaks: true);
        Ask("Hello");
        Model.Fail(new ModelServiceException(ModelServiceException.Chat, code, "The model server said no.") { Status = status });
        await UntilAsync(() => Voice.Asked.Count == 1);
        Assert.StartsWith(apology, Voice.Asked[0].Text, StringComparison.Ordinal);
        await SpeakAllAsync();
        var done = H.Single("response.done");
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal(code, done.Text("response.status_details.error.code"));
        Assert.Equal("completed", done.Text("response.output.0.status"));
        Assert.Equal(code, H.Single("error").Text("error.code"));
        Assert.Equal("The model server said no.", H.Single("error").Text("error.message"));
        Assert.Equal($"The language model could not answer in session sess_1: {code}: The model server said no.", Assert.Single(Logged));
        H.CheckFlow();
    }

    [Fact]
    public async Task AnUnknownFailure_TellsTheCallerNothingOfItsInside()
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        Model.Fail(new InvalidOperationException("key sk-123 is wrong"));
        var done = await DoneAsync();
        Assert.Equal(Options.Apology, done.Text("response.output.0.content.0.text"));
        Assert.DoesNotContain("sk-123", string.Concat(H.Events.Select(e => e.Json.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamThatBreaksOff_IsApologisedForInTheSameBreath()
    {
        New(speaks: true);
        Ask("Hello");
        Model.Write("The answer is. Or").Fail(new HttpRequestException("reset"));
        await SpeakAllAsync();
        Assert.Equal("The answer is. Or Sorry, I lost my train of thought.", H.Single("response.done").Text("response.output.0.content.0.transcript"));
        H.CheckFlow();
    }

    [Theory]
    [InlineData("length", "max_output_tokens")]
    [InlineData("content_filter", "content_filter")]
    public async Task AnAnswerThatTheModelCuts_IsIncomplete(string finish, string reason)
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        Model.Write("The answer is").Finish(new ChatFinishReason(finish));
        var done = await DoneAsync();
        Assert.Equal("incomplete", done.Text("response.status"));
        Assert.Equal(reason, done.Text("response.status_details.reason"));
        Assert.Equal("The answer is", done.Text("response.output.0.content.0.text"));
        Assert.Equal("incomplete", done.Text("response.output.0.status"));
        Assert.Empty(Logged);
        H.CheckFlow();
    }

    [Fact]
    public async Task AFunctionCallWithBrokenArguments_IsNotMade()
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Weather?");
        Model.Write(Call("{\"ci")).End();
        var done = await DoneAsync();
        Assert.Equal("failed", done.Text("response.status"));
        Assert.Equal("invalid_function_call", done.Text("response.status_details.error.code"));
        Assert.Empty(H.Of("response.function_call_arguments.done"));
        H.CheckFlow();
    }

    [Fact]
    public async Task AnEmptyAnswer_IsAFailure()
    {
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        Model.End();
        Assert.Equal("empty_answer", (await DoneAsync()).Text("response.status_details.error.code"));
    }

    [Fact]
    public async Task WhiteSpace_IsNoAnswer()
    {
        Ask("Hello");
        Model.Write(" \n").Write("\n").End();
        Assert.Equal("empty_answer", (await DoneAsync()).Text("response.status_details.error.code"));
    }

    [Fact]
    public async Task AnEndlessAnswer_IsCut()
    {
        Options.MaxAnswerCharacters = 100;
        H.Update("\"output_modalities\":[\"text\"]");
        Ask("Hello");
        for (int i = 0; i < 50; i++)
            Model.Write("ten chars ");
        var done = await DoneAsync();
        Assert.InRange(done.Text("response.output.0.content.0.text")!.Length, 100, 120);
    }
}
