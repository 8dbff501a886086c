using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>
/// A WebRTC call without a browser: an <see cref="RtcEndpoint"/> over a real socket, and the requests that begin and restart it. For tests and load; real browsers are
/// tried elsewhere.
/// </summary>
public sealed class RtcPeer : IDisposable
{
    private readonly RtcPeerOptions _options;
    private readonly Timer _timer;
    private RtcSocket? _socket;
    private IceTransport _transport;
    private IPEndPoint? _server;
    private volatile bool _isGone;

    /// <summary>Makes a peer that does nothing yet.</summary>
    public RtcPeer(RtcPeerOptions? options = null)
    {
        _options = options ?? new RtcPeerOptions();
        _transport = _options.Transport;
        Endpoint = new RtcEndpoint(_options, SendRaw, TimeProvider.System);
        _timer = new Timer(_ => OnTimer());
    }

    /// <summary>What speaks the protocols.</summary>
    public RtcEndpoint Endpoint { get; }

    /// <summary>Events in their order.</summary>
    public ChannelReader<JsonElement> Events => Endpoint.Events;

    /// <summary>Completes when the channel is open.</summary>
    public Task Opened => Endpoint.Opened;

    /// <summary>Completes with the first RTP packet.</summary>
    public Task Heard => Endpoint.Heard;

    /// <summary>Completes when the other side has ended the call: <c>channel</c>, <c>abort</c> or <c>dtls</c>.</summary>
    public Task<string> Closed => Endpoint.Closed;

    /// <summary>RTP packets that came and were genuine.</summary>
    public long PacketsReceived => Endpoint.PacketsReceived;

    /// <summary>Told of each RTP packet, on the receiving thread.</summary>
    public RtcEndpoint.PacketTaker? OnRtp
    {
        get => Endpoint.OnRtp;
        set => Endpoint.OnRtp = value;
    }

    /// <summary>When the datagram came that <see cref="OnRtp"/> is told of, from 1970; on the receiving thread.</summary>
    public TimeSpan LastArrival => _socket!.LastArrival;

    /// <summary>The call's path, <c>/v1/realtime/calls/rtc_…</c>.</summary>
    public string Location { get; private set; } = "";

    /// <summary>What the server answered last.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Where the server listens.</summary>
    public IPEndPoint Server => _server!;

    /// <summary>The server's fragment for this call.</summary>
    public string ServerUfrag { get; private set; } = "";

    /// <summary>The offer, in Chromium's manner.</summary>
    public string Offer() => Endpoint.Offer();

    /// <summary>Starts a call: offer, answer, connection, channel.</summary>
    public async Task CallAsync(HttpClient client, string query = "", string? bearer = null, CancellationToken cancellationToken = default)
    {
        using var response = await PostAsync(client, HttpMethod.Post, "/v1/realtime/calls" + query, bearer, cancellationToken);
        Answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException($"The offer was answered with {(int)response.StatusCode}: {Answer}");
        Location = response.Headers.Location!.ToString();
        await ConnectAsync(Answer, cancellationToken);
    }

    /// <summary>Posts the offer and hands back what came.</summary>
    public async Task<HttpResponseMessage> PostAsync(HttpClient client, HttpMethod method, string path, string? bearer = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(Offer()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return await client.SendAsync(request, cancellationToken);
    }

    /// <summary>Completes when the other side has closed the TCP connection that is used now.</summary>
    public Task Disconnected => _socket!.Ended;

    /// <summary>Restarts ICE over another socket, as after a change of networks.</summary>
    public async Task RestartAsync(HttpClient client, IceTransport? over = null, CancellationToken cancellationToken = default)
    {
        _transport = over ?? _transport;
        Endpoint.Restart();
        using var response = await PostAsync(client, HttpMethod.Patch, Location, null, cancellationToken);
        Answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The restart was answered with {(int)response.StatusCode}: {Answer}");
        Take(Answer);
        MoveSocket();
    }

    /// <summary>Goes on from another port, with the same credentials: another network path.</summary>
    public void MoveSocket()
    {
        var former = _socket;
        _socket = RtcSocket.Connect(_transport, _server!, Endpoint.Receive, _options.IsPolled);
        former?.Dispose();
        Endpoint.SendCheck();
    }

    /// <summary>Sets up the connection that an answer describes; complete when all that was offered is there.</summary>
    public async Task ConnectAsync(string answer, CancellationToken cancellationToken = default)
    {
        Answer = answer;
        Take(answer);
        _socket = RtcSocket.Connect(_transport, _server!, Endpoint.Receive, _options.IsPolled);
        for (int tries = 0; !Endpoint.Checked.IsCompleted; tries++)
        {
            if (tries == 50)
                throw new TimeoutException("No check was answered.");
            Endpoint.SendCheck();
            await Task.WhenAny(Endpoint.Checked, Task.Delay(100, cancellationToken));
        }

        OnTimer();
        await Task.Factory.StartNew(Endpoint.Secure, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        OnTimer();
        if (_options.HasData)
            await Opened.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
    }

    /// <summary>Sends an event; false when the send buffer is full.</summary>
    public bool Send(string json)
    {
        bool sent = Endpoint.Send(json);
        Arm();
        return sent;
    }

    /// <summary>Sends 20 ms of audio.</summary>
    public void SendRtp(ReadOnlySpan<byte> payload, bool marker = false) => Endpoint.SendRtp(payload, marker);

    /// <summary>The next event of a type; what comes before it is passed over.</summary>
    public async Task<JsonElement> WaitForAsync(string type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var next = await Events.ReadAsync(limit.Token);
            if (next.GetProperty("type").GetString() == type)
                return next;
        }
    }

    /// <summary>Closes the channel in order.</summary>
    public void CloseChannel()
    {
        Endpoint.CloseChannel();
        Arm();
    }

    /// <summary>Ends at once, as a page that is left does.</summary>
    public void Abort() => Endpoint.Abort();

    /// <summary>Sends bytes as they are, along the call's own path.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram) => _socket?.Send(datagram);

    /// <summary>Vanishes without a word, as a killed browser does.</summary>
    public void Dispose()
    {
        _isGone = true;
        _timer.Dispose();
        _socket?.Dispose();
        Endpoint.Dispose();
    }

    private void Take(string answer)
    {
        var read = Endpoint.Take(answer);
        ServerUfrag = read.Ice.Ufrag;
        _server = read.OnThisMachine(_transport, _options.IsSix);
    }

    private void OnTimer()
    {
        Endpoint.Advance();
        Arm();
    }

    // What came in may have set a deadline that is sooner; a tenth of a second is soon enough for a test's line.
    private void Arm()
    {
        if (_isGone)
            return;
        var wait = Endpoint.NextDeadline - Endpoint.Now;
        try
        {
            _timer.Change((long)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 100), Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // just gone
        }
    }
}
