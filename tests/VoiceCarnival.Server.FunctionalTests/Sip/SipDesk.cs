using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Somebody whom the server calls, or a trunk: answers over UDP what a test has it answer, and has a socket for audio.</summary>
internal sealed class SipDesk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly UdpClient _signalling = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _audio = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly HashSet<string> _seen = [];
    private IPEndPoint? _server;
    private int _branch;

    public int Port => ((IPEndPoint)_signalling.Client.LocalEndPoint!).Port;

    /// <summary>Something has come that nobody has looked at.</summary>
    public bool WasCalled => _signalling.Available > 0;

    public string Uri => $"sip:desk@127.0.0.1:{Port}";

    public string Sdp => $"v=0\r\no=d 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {((IPEndPoint)_audio.Client.LocalEndPoint!).Port} RTP/AVP 0\r\n";

    /// <summary>The next request of a method. Copies of those that came before are nothing new.</summary>
    public async Task<SipMessage> RequestAsync(SipMethod method)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var datagram = await _signalling.ReceiveAsync(deadline.Token);
            _server = datagram.RemoteEndPoint;
            Assert.True(SipMessage.TryRead(datagram.Buffer, out var message, out var fault), fault?.Reason);
            if (message.IsRequest && _seen.Add($"{message.CallId} {message.CSeq.Number} {message.Method} {Encoding.ASCII.GetString(message.TopVia.Branch)}") && message.Method == method)
                return message;
        }
    }

    /// <summary>The next datagram, whatever it is.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        return (await _signalling.ReceiveAsync(deadline.Token)).Buffer;
    }

    public async Task AnswerAsync(SipMessage request, int status, string body = "", string headers = "")
    {
        string to = request.ToTag.Length > 0 ? request.GetText(SipHeaderName.To)! : request.GetText(SipHeaderName.To) + ";tag=desk";
        string type = body.Length > 0 ? "Content-Type: application/sdp\r\n" : "";
        string contact = headers.Contains("Contact:", StringComparison.Ordinal) ? "" : $"Contact: <{Uri}>\r\n";
        await SendAsync($"SIP/2.0 {status} Desk\r\nVia: {request.GetText(SipHeaderName.Via)}\r\nFrom: {request.GetText(SipHeaderName.From)}\r\nTo: {to}\r\nCall-ID: {request.CallId}\r\n"
            + $"CSeq: {request.GetText(SipHeaderName.CSeq)}\r\n{contact}{headers}{type}Content-Length: {body.Length}\r\n\r\n{body}");
    }

    /// <summary>Picks up.</summary>
    /// <returns>The INVITE.</returns>
    public async Task<SipMessage> PickUpAsync()
    {
        var invite = await RequestAsync(SipMethod.Invite);
        await AnswerAsync(invite, 200, Sdp);
        await RequestAsync(SipMethod.Ack);
        return invite;
    }

    /// <summary>Hangs up a call that it has answered.</summary>
    public Task HangUpAsync(SipMessage invite) => SendAsync(
        $"BYE {Text(invite.Get(SipHeaderName.Contact)).Trim('<', '>')} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{Port};rport;branch=z9hG4bKdesk{++_branch}\r\nMax-Forwards: 70\r\n"
        + $"From: {invite.GetText(SipHeaderName.To)};tag=desk\r\nTo: {invite.GetText(SipHeaderName.From)}\r\nCall-ID: {invite.CallId}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n");

    /// <summary>The next packet of audio.</summary>
    public async Task<byte[]> ReceiveAudioAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        return (await _audio.ReceiveAsync(deadline.Token)).Buffer;
    }

    /// <summary>Says a spoken file of the assets to who has called, at the pace of what comes from there.</summary>
    public async Task SpeakAsync(SipMessage invite, string file)
    {
        string sdp = Text(invite.Body.Span);
        int at = sdp.IndexOf("m=audio ", StringComparison.Ordinal) + "m=audio ".Length;
        var server = new IPEndPoint(IPAddress.Loopback, int.Parse(sdp.AsSpan(at, sdp.IndexOf(' ', at) - at), null));
        foreach (byte[] packet in PcmuPacket.Of(file))
        {
            await ReceiveAudioAsync();
            await _audio.SendAsync(packet, server);
        }
    }

    public void Dispose()
    {
        _signalling.Dispose();
        _audio.Dispose();
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);

    private async Task SendAsync(string text) => await _signalling.SendAsync(Encoding.UTF8.GetBytes(text), _server!);
}
