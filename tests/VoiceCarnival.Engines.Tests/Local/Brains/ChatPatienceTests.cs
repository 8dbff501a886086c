namespace VoiceCarnival.Engines.Tests.Local.Brains;

/// <summary>What the caller hears while the model takes its time.</summary>
public sealed class ChatPatienceTests : ChatConversation
{
    [Fact]
    public async Task ASlowModel_IsAnnouncedOnce()
    {
        New(speaks: true);
        Ask("Hello");
        Time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Empty(Voice.Asked);
        Time.Advance(TimeSpan.FromSeconds(0.2));
        await UntilAsync(() => Voice.Asked.Count == 1);
        Assert.Equal("One moment, please. ", Voice.Asked[0].Text);
        Time.Advance(TimeSpan.FromSeconds(20));
        Model.Write("Here I am.").End();
        await SpeakAllAsync();
        Assert.Equal("One moment, please. Here I am.", H.Single("response.done").Text("response.output.0.content.0.transcript"));
        Assert.Equal("completed", H.Single("response.done").Text("response.status"));
        H.CheckFlow();
    }

    [Fact]
    public async Task AModelThatStopsInItsFirstSentence_IsHeardThatFar()
    {
        New(speaks: true);
        Ask("Hello");
        Model.Write("The capital of ").Write("France is ");
        int arrived = 0;
        await UntilAsync(() => ++arrived > 2);
        Assert.Empty(Voice.Asked);
        Time.Advance(TimeSpan.FromSeconds(4.1));
        await UntilAsync(() => Voice.Asked.Count == 1);
        Assert.Equal("The capital of France is ", Voice.Asked[0].Text);
        Model.Write("Paris.").End();
        await SpeakAllAsync();
        Assert.Equal("The capital of France is Paris.", H.Single("response.done").Text("response.output.0.content.0.transcript"));
        H.CheckFlow();
    }

    [Fact]
    public async Task AModelThatWritesSentences_IsNotCutInTheMiddleOfOne()
    {
        New(speaks: true);
        Ask("Hello");
        Model.Write("One. And then");
        await UntilAsync(() => Voice.Asked.Count == 1);
        Time.Advance(TimeSpan.FromSeconds(30));
        Voice.Asked[0].Finish(H);
        H.Advance(1000);
        Model.Write(" two.").End();
        await SpeakAllAsync();
        Assert.Equal(["One. ", "And then two."], Voice.Texts);
    }
}
