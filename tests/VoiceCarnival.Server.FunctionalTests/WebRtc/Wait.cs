namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Waits for what another thread does.</summary>
internal static class Wait
{
    /// <summary>Until it is so, at most half a minute.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (int tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 1500, "What was waited for did not happen.");
            await Task.Delay(20);
        }
    }
}
