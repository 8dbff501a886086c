using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A phone of few words: sends what it is told over UDP, and has a second socket for audio.</summary>
internal sealed class SipPhone : IDisposable
{
    private readonly UdpClient _signalling = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _audio = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly IPEndPoint _server;
    private int _branch;

    public SipPhone(int serverPort) => _server = new IPEndPoint(IPAddress.Loopback, serverPort);

    public int Port => ((IPEndPoint)_signalling.Client.LocalEndPoint!).Port;

    public int AudioPort => ((IPEndPoint)_audio.Client.LocalEndPoint!).Port;

    public string Tag { get; private set; } = "";

    public async Task SendAsync(string method, int sequence, string body = "")
    {
        string text = $"{method} sip:agent@127.0.0.1:{_server.Port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{Port};rport;branch=z9hG4bK{++_branch}\r\nMax-Forwards: 70\r\n"
            + $"From: <sip:phone@127.0.0.1>;tag=p\r\nTo: <sip:agent@127.0.0.1>{(Tag.Length > 0 ? ";tag=" + Tag : "")}\r\nCall-ID: c{Port}\r\nCSeq: {sequence} {method}\r\n"
            + $"Contact: <sip:phone@127.0.0.1:{Port}>\r\n{(body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";
        await _signalling.SendAsync(Encoding.ASCII.GetBytes(text), _server);
    }

    /// <summary>The next message that is not provisional.</summary>
    public async Task<SipMessage> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var datagram = await _signalling.ReceiveAsync(deadline.Token);
            Assert.True(SipMessage.TryRead(datagram.Buffer, out var message, out var fault), fault?.Reason);
            if (message.Status is >= 100 and < 200)
                continue;
            Tag = message.IsRequest ? Tag : message.ToTag;
            return message;
        }
    }

    public async Task<byte[]> ReceiveAudioAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return (await _audio.ReceiveAsync(deadline.Token)).Buffer;
    }

    public string Sdp() => $"v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {AudioPort} RTP/AVP 0\r\n";

    public void Dispose()
    {
        _signalling.Dispose();
        _audio.Dispose();
    }
}
