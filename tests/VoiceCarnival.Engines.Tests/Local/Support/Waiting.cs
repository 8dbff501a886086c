using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Engines.Tests.Local.Support;

internal static class Waiting
{
    /// <summary>Lets time pass until every response that began is done; returns the last <c>response.done</c>.</summary>
    public static ReceivedEvent RunUntilDone(this DialogueHarness h, int timeoutMs = 600_000)
    {
        var limit = h.Now + TimeSpan.FromMilliseconds(timeoutMs);
        while (h.Of("response.done").Count() < h.Of("response.created").Count())
        {
            Assert.True(h.Now < limit && h.Dialogue.NextDeadline is not null, "A response never ends.");
            h.Advance(h.Dialogue.NextDeadline.Value - h.Now);
        }

        return h.Of("response.done").Last();
    }
}
