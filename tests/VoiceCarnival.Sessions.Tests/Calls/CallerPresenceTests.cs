using System.Text;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Sessions.Tests.Calls;

public sealed class CallerPresenceTests
{
    [Fact]
    public void ConversationThatGoesOn_IsASignOfLife()
    {
        var presence = new CallerPresence();
        Assert.True(Shows(presence, "response.created"));
        Assert.True(Shows(presence, "output_audio_buffer.stopped"));
    }

    [Fact]
    public void AnswersToOurOwnPrompt_AreNone_UntilTheCallerDoesSomething()
    {
        var presence = new CallerPresence { IsPrompted = true };
        Assert.False(Shows(presence, "response.created"));
        Assert.False(Shows(presence, "conversation.item.added", """{"type":"conversation.item.added","item":{"role":"assistant"}}"""));
        Assert.False(Shows(presence, "response.done"));
        Assert.True(Shows(presence, "input_audio_buffer.speech_started"));
        Assert.True(Shows(presence, "response.done"));
    }

    [Fact]
    public void EnginesOwnIdleTimeout_IsNoSignOfLife()
    {
        var presence = new CallerPresence();
        Assert.False(Shows(presence, "input_audio_buffer.timeout_triggered"));
        Assert.False(Shows(presence, "input_audio_buffer.committed"));
        Assert.False(Shows(presence, "conversation.item.added", """{"type":"conversation.item.added","item":{"role":"user","content":[{"type":"input_audio"}]}}"""));
        Assert.False(Shows(presence, "response.created"));
        Assert.True(Shows(presence, "input_audio_buffer.committed"));
    }

    [Theory]
    [InlineData("input_audio_buffer.dtmf_event_received", "{}")]
    [InlineData("input_audio_buffer.speech_stopped", "{}")]
    [InlineData("input_audio_buffer.committed", "{}")]
    [InlineData("conversation.item.added", """{"item":{"role":"user","content":[{"type":"input_text","text":"Hello"}]}}""")]
    [InlineData("conversation.item.added", """{"item":{"type":"function_call_output","call_id":"c","output":"5"}}""")]
    public void WhatTheCallerDoes_IsASignOfLife(string type, string json) =>
        Assert.True(Shows(new CallerPresence { IsPrompted = true }, type, json));

    private static bool Shows(CallerPresence presence, string type, string json = "{}") => presence.ShowsIn(type, Encoding.UTF8.GetBytes(json));
}
