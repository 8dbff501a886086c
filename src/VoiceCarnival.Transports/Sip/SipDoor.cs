using System.Net;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Whom the sockets let in: peers, those whom we have asked for something, and strangers where there are accounts. Others are dropped before anything is read of what they send.</summary>
internal sealed partial class SipDoor(SipOptions options, SipPeers peers, ILogger logger)
{
    private const long ComplaintEvery = 60_000; // ms
    private readonly StrangerRates _strangers = new(options.MaxMessagesPerSecond, options.MaxMessagesPerSecondPerAddress);
    // Of its own, so that no flood of strangers keeps out the answers to what we ask.
    private readonly StrangerRates _answers = new(options.MaxMessagesPerSecond, options.MaxMessagesPerSecondPerAddress);
    private readonly AskedAddresses _asked = new();
    private readonly bool _takesStrangers = options.Accounts.Count > 0;
    private long _complainAt = Environment.TickCount64;

    /// <summary>A peer of ours.</summary>
    public bool IsPeer(IPAddress address) => peers.Contains(address);

    /// <summary>A request of ours goes there: answers may come back, be it by another way.</summary>
    public void Expect(IPAddress address)
    {
        if (!peers.Contains(address))
            _asked.Note(address, Environment.TickCount64);
    }

    /// <summary>Whether a datagram of that sender is read. One thread asks.</summary>
    public bool TakesMessage(IPEndPoint remote, bool isPeer)
    {
        if (isPeer)
            return true;
        long now = Environment.TickCount64;
        bool isTaken = _asked.Contains(remote.Address, now) ? _answers.TryTake(remote.Address, now) : _takesStrangers && _strangers.TryTake(remote.Address, now);
        return isTaken || Refuse(remote);
    }

    /// <summary>Whether a connection is taken.</summary>
    public bool TakesConnection(IPEndPoint remote, bool isPeer) => isPeer || _takesStrangers || _asked.Contains(remote.Address, Environment.TickCount64) || Refuse(remote);

    // Told once in a while, so that an operator learns why a phone gets no answer and a flood does not fill the log.
    public bool Refuse(IPEndPoint stranger)
    {
        long now = Environment.TickCount64;
        if (now >= Volatile.Read(ref _complainAt))
        {
            Volatile.Write(ref _complainAt, now + ComplaintEvery);
            Log.Dropped(logger, stranger.Address, _takesStrangers || _asked.Contains(stranger.Address, now) ? "it sends more than strangers may, or has too many connections" : "it is none of VoiceCarnival:Sip:Peers, and there are no Accounts");
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(3315, LogLevel.Information, "SIP: what {Address} sends is dropped: {Reason}")]
        public static partial void Dropped(ILogger logger, IPAddress address, string reason);
    }
}
