using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Answers a challenge for a phone.</summary>
internal static class SipDigest
{
    /// <summary>The header, with its end of line.</summary>
    public static string Authorize(SipMessage challenge, string user, string password, string uri)
    {
        var client = new DigestClient(new SipCredentials(user, password));
        Assert.True(client.TryTake(challenge));
        return string.Concat(client.Authorize("INVITE", uri, "c0ffee").Select(header => $"Authorization: {header.Value}\r\n"));
    }
}
