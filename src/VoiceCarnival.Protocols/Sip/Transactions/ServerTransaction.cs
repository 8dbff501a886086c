using System.Globalization;
using System.Text;

namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>A request that we received.</summary>
public abstract class ServerTransaction : SipTransaction
{
    private const int OwnBytes = 400; // objects, and its places in tables

    private protected ServerTransaction(SipMessage request, SipTarget target, SipTimers timers, ISipTransactionOutput output, string key)
        : base(request, target, timers, output, key) => Number = request.CSeq.Number;

    /// <summary>The request's number.</summary>
    public uint Number { get; }

    /// <summary>About how many bytes it keeps.</summary>
    internal int KeptBytes => OwnBytes + 2 * Key.Length + (Last?.Length ?? 0);

    /// <summary>The last response; null as long as there is none, and where nobody can want it again.</summary>
    private protected byte[]? Last { get; set; }

    /// <summary>Sends a response. Nothing happens when there was a final one before.</summary>
    public abstract void Respond(int status, byte[] response, TimeSpan now);

    /// <summary>Receives a copy of the request.</summary>
    public abstract void ReceiveAgain(TimeSpan now);

    /// <summary>
    /// Section 17.2.3: branch, sender and method, where ACK and CANCEL look for their INVITE; without a branch of RFC 3261 what RFC 2543 had in its place.
    /// </summary>
    internal static string KeyOf(SipMessage request, SipMethod method)
    {
        var via = request.TopVia;
        string name = method == SipMethod.Other ? Encoding.Latin1.GetString(request.MethodName) : method.Name();
        return via.HasMagicBranch
            ? $"{Encoding.Latin1.GetString(via.Branch)} {via.SentBy} {name}"
            : string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(request.Target)} {request.FromTag} {request.CallId} {request.CSeq.Number} {via.SentBy} {Encoding.Latin1.GetString(via.Branch)} {name}");
    }
}
