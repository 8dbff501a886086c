using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>A transaction layer with a clock, and what came out of it with its times in seconds.</summary>
internal sealed class TransactionRig : ISipClientUser
{
    public TransactionRig(SipTransport transport = SipTransport.Udp) => Target = new SipTarget(transport, "192.0.2.9", 5060);

    public SipTransactions Layer { get; } = new(SipTimers.Default);

    public SipTarget Target { get; }

    public TimeSpan Now { get; private set; }

    public List<string> Sent { get; } = [];

    public List<string> Told { get; } = [];

    public static SipMessage Request(string method, string branch = "z9hG4bKa", string? toTag = null)
    {
        string text = $"{method} sip:b@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1{(branch.Length == 0 ? "" : ";branch=" + branch)}\r\nFrom: <sip:a@192.0.2.1>;tag=f\r\n"
            + $"To: <sip:b@192.0.2.9>{(toTag is null ? "" : ";tag=" + toTag)}\r\nCall-ID: c\r\nCSeq: 1 {method}\r\nRoute: <sip:p;lr>\r\nContent-Length: 0\r\n\r\n";
        Assert.True(SipMessage.TryRead(Encoding.ASCII.GetBytes(text), out var message, out var fault), fault?.Reason);
        return message;
    }

    public static SipMessage Response(SipMessage request, int status, string toTag = "t")
    {
        Assert.True(SipMessage.TryRead(Bytes(request, status, toTag), out var message, out var fault), fault?.Reason);
        return message;
    }

    public static byte[] Bytes(SipMessage request, int status, string toTag = "t")
    {
        var writer = new SipWriter();
        writer.Response(status, "X").Copy(request, SipHeaderName.Via).Copy(request, SipHeaderName.From);
        writer.Header(SipHeaderName.To, $"<sip:b@192.0.2.9>;tag={toTag}").Copy(request, SipHeaderName.CallId).Copy(request, SipHeaderName.CSeq);
        return writer.End();
    }

    public ServerTransaction Receive(SipMessage request) => request.Method == SipMethod.Invite
        ? Layer.Accept(request, Target, Bytes(request, 100), Now)
        : Layer.Accept(request, Target);

    /// <summary>Lets time pass in small steps, as a busy host would.</summary>
    public void Run(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        Collect();
        while (Layer.NextDeadline is { } next && next <= end)
        {
            Now = next > Now ? next : Now;
            Layer.AdvanceTo(Now);
            Collect();
        }

        Now = end;
    }

    public void Collect()
    {
        while (Layer.TryTakeTransmit(out var transmit))
        {
            Assert.True(SipMessage.TryRead(transmit.Bytes, out var message, out var fault), fault?.Reason);
            string what = message.IsRequest ? message.Method.Name() : message.Status.ToString(CultureInfo.InvariantCulture);
            Sent.Add(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds} {what}"));
        }
    }

    public void OnResponse(SipTransaction transaction, SipMessage response, TimeSpan now) => Told.Add(string.Create(CultureInfo.InvariantCulture, $"{now.TotalSeconds} {response.Status}"));

    public void OnFailed(SipTransaction transaction, int status, TimeSpan now) => Told.Add(string.Create(CultureInfo.InvariantCulture, $"{now.TotalSeconds} failed {status}"));
}
