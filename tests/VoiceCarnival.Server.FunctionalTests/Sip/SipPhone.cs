using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A phone of few words: sends what it is told over UDP, answers requests with 200, and has sockets for audio.</summary>
internal sealed class SipPhone : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly UdpClient _signalling;
    private readonly UdpClient _audio;
    private readonly IPAddress _address;
    private readonly IPEndPoint _server;
    private readonly string _target;
    private readonly HashSet<string> _seen = [];
    private int _branch;
    private int _calls;

    public SipPhone(int serverPort, string user = "agent", IPAddress? address = null, IPAddress? server = null)
    {
        _address = address ?? IPAddress.Loopback;
        _signalling = new UdpClient(new IPEndPoint(_address, 0));
        _audio = new UdpClient(new IPEndPoint(_address, 0));
        _server = new IPEndPoint(server ?? IPAddress.Loopback, serverPort);
        _target = $"sip:{user}@{_server}";
    }

    /// <summary>Its address as URIs have it.</summary>
    public string Host => _address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{_address}]" : $"{_address}";

    public int Port => ((IPEndPoint)_signalling.Client.LocalEndPoint!).Port;

    public int AudioPort => ((IPEndPoint)_audio.Client.LocalEndPoint!).Port;

    public string Tag { get; private set; } = "";

    public string CallId => $"c{Port}x{_calls}";

    /// <summary>Headers of all requests, each with its end of line.</summary>
    public string MoreHeaders { get; set; } = "";

    /// <summary>What it answers when it is asked to call somebody else.</summary>
    public string ReferStatus { get; set; } = "202 Accepted";

    /// <summary>Where the server wants our audio.</summary>
    public int ServerAudioPort { get; private set; }

    public async Task SendAsync(string method, int sequence, string body = "", string type = "application/sdp")
    {
        // What is taken back has the number of what it takes back.
        _branch += method == "CANCEL" ? 0 : 1;
        string text = $"{method} {_target} SIP/2.0\r\nVia: SIP/2.0/UDP {Host}:{Port};rport;branch=z9hG4bK{Port}{_branch}\r\nMax-Forwards: 70\r\n"
            + $"From: \"Ann\" <sip:+4930123@127.0.0.1>;tag=p\r\nTo: <{_target}>{(Tag.Length > 0 ? ";tag=" + Tag : "")}\r\nCall-ID: {CallId}\r\nCSeq: {sequence} {method}\r\n"
            + $"Contact: <sip:phone@{Host}:{Port}>\r\n{MoreHeaders}{(body.Length > 0 ? $"Content-Type: {type}\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";
        await _signalling.SendAsync(Encoding.ASCII.GetBytes(text), _server);
    }

    /// <summary>The next message that is not provisional and no copy of one before. Requests are answered with 200.</summary>
    public async Task<SipMessage> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var datagram = await _signalling.ReceiveAsync(deadline.Token);
            // A NAT would let nothing else through.
            Assert.Equal(_server, datagram.RemoteEndPoint);
            Assert.True(SipMessage.TryRead(datagram.Buffer, out var message, out var fault), fault?.Reason);
            if (message.Status is >= 100 and < 200)
                continue;
            if (message.IsRequest)
                await AnswerAsync(message);
            // On a busy machine the server sends again what it had no answer to yet.
            if (!_seen.Add($"{message.CallId} {message.CSeq.Number} {message.CSeq.Method} {message.IsRequest} {message.Status} {Encoding.ASCII.GetString(message.TopVia.Branch)}"))
                continue;
            if (!message.IsRequest)
                Tag = message.ToTag;
            return message;
        }
    }

    /// <summary>Calls, and waits until it is answered.</summary>
    public async Task<SipMessage> CallAsync(string? sdp = null)
    {
        await SendAsync("INVITE", 1, sdp ?? Sdp());
        var ok = await ReceiveAsync();
        if (ok.Status == 200)
        {
            ServerAudioPort = PortIn(ok);
            await SendAsync("ACK", 1);
        }

        return ok;
    }

    /// <summary>Begins anew, as after a refusal.</summary>
    public void Restart()
    {
        Tag = "";
        _calls++;
    }

    /// <summary>Changes the call.</summary>
    public async Task<SipMessage> ReinviteAsync(int sequence, string sdp)
    {
        await SendAsync("INVITE", sequence, sdp);
        var ok = await ReceiveAsync();
        await SendAsync("ACK", sequence);
        return ok;
    }

    /// <summary>The next request of a method.</summary>
    public async Task<SipMessage> RequestAsync(SipMethod method)
    {
        while (true)
        {
            var message = await ReceiveAsync();
            if (message.IsRequest && message.Method == method)
                return message;
        }
    }

    /// <summary>Asks the server to call somebody else.</summary>
    /// <returns>The status that it answers with.</returns>
    public async Task<int> ReferAsync(int sequence, string to)
    {
        string before = MoreHeaders;
        MoreHeaders += $"Refer-To: <{to}>\r\n";
        await SendAsync("REFER", sequence);
        MoreHeaders = before;
        return (await ReceiveAsync()).Status;
    }

    /// <summary>What the server says next of the call that it was asked to make.</summary>
    public async Task<string> NotifiedAsync() => Encoding.UTF8.GetString((await RequestAsync(SipMethod.Notify)).Body.Span);

    public async Task<byte[]> ReceiveAudioAsync(UdpClient? socket = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var packet = await (socket ?? _audio).ReceiveAsync(deadline.Token);
        Assert.Equal(_server.Address, packet.RemoteEndPoint.Address);
        return packet.Buffer;
    }

    /// <summary>Whether audio comes within a time.</summary>
    public async Task<bool> HearsAsync(TimeSpan time)
    {
        using var deadline = new CancellationTokenSource(time);
        try
        {
            await _audio.ReceiveAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Throws away what has come until now.</summary>
    public void Forget()
    {
        while (_audio.Available > 0)
        {
            IPEndPoint? from = null;
            _audio.Receive(ref from);
        }
    }

    /// <summary>Where the server wants audio.</summary>
    public IPEndPoint AudioTarget => new(_server.Address, ServerAudioPort);

    public void SendAudio(ReadOnlySpan<byte> packet) => _audio.Send(packet, AudioTarget);

    private string Family => _address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4";

    /// <summary>An offer.</summary>
    public string Sdp(string formats = "0", string more = "", int? port = null, int version = 1) =>
        $"v=0\r\no=p 1 {version} IN {Family} {_address}\r\ns=-\r\nc=IN {Family} {_address}\r\nt=0 0\r\nm=audio {port ?? AudioPort} RTP/AVP {formats}\r\n{more}";

    public void Dispose()
    {
        _signalling.Dispose();
        _audio.Dispose();
    }

    private static int PortIn(SipMessage ok)
    {
        string sdp = Encoding.UTF8.GetString(ok.Body.Span);
        int at = sdp.IndexOf("m=audio ", StringComparison.Ordinal) + "m=audio ".Length;
        return int.Parse(sdp.AsSpan(at, sdp.IndexOf(' ', at) - at), null);
    }

    private async Task AnswerAsync(SipMessage request)
    {
        var text = new StringBuilder($"SIP/2.0 {(request.Method == SipMethod.Refer ? ReferStatus : "200 OK")}\r\n");
        foreach (var name in (SipHeaderName[])[SipHeaderName.Via, SipHeaderName.From, SipHeaderName.To, SipHeaderName.CallId, SipHeaderName.CSeq])
            text.Append($"{(name == SipHeaderName.CallId ? "Call-ID" : name.ToString())}: {request.GetText(name)}\r\n");
        await _signalling.SendAsync(Encoding.ASCII.GetBytes(text.Append($"Contact: <sip:phone@{Host}:{Port}>\r\nContent-Length: 0\r\n\r\n").ToString()), _server);
    }
}
