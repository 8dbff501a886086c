using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What a user agent tells and says; all that it says has to be a message.</summary>
internal static class AgentOutput
{
    /// <summary>Takes the events that there are.</summary>
    public static IEnumerable<SipEvent> TakeEvents(this SipUserAgent agent)
    {
        while (agent.TryTakeEvent(out var next))
            yield return next;
    }

    /// <summary>Takes the messages that there are.</summary>
    public static IEnumerable<(SipMessage Message, SipTransmit Transmit)> TakeMessages(this SipUserAgent agent)
    {
        while (agent.TryTakeTransmit(out var transmit))
        {
            Assert.True(SipMessage.TryRead(transmit.Bytes, out var message, out var fault), $"{fault?.Reason}: {Encoding.UTF8.GetString(transmit.Bytes.Span)}");
            yield return (message, transmit);
        }
    }
}
