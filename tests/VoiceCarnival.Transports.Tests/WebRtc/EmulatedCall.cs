using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Audio.G711;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.Engines;
using VoiceCarnival.Testing.Net;
using VoiceCarnival.Testing.WebRtc;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.Tests.Rtp;
using VoiceCarnival.Transports.WebRtc;
using VoiceCarnival.Transports.WebRtc.Network;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.Tests.WebRtc;

/// <summary>
/// A call over a bad line in virtual time: a peer of our own, the line, and all of the driver above its sockets, with a session and an engine that says everything back.
/// Only the DTLS handshake waits for real, since the library's timers do.
/// </summary>
internal sealed class EmulatedCall : IDisposable, IDatagramEnd
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(20);
    private static readonly IPEndPoint ServerAddress = new(IPAddress.Parse("192.0.2.1"), 5000);
    private readonly ServiceProvider _services;
    private readonly ManualMediaClock _clock = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));
    private readonly PeerDemultiplexer _demultiplexer;
    private readonly long _epoch;
    private TimeSpan? _soundAt;
    private SocketAddress _clientAddress = AddressOf(40_000);
    private WebRtcCall? _call;
    private int _nextFrame;

    public EmulatedCall(int seed)
    {
        _epoch = _time.GetTimestamp();
        Line = new EmulatedLine(seed);
        // The handshake's clock is that of the wall, which a busy machine lets run away from the line's: it is given as long as may be.
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["WebRtc:Addresses:0"] = "127.0.0.1", ["WebRtc:HandshakeSeconds"] = "120" }).Build();
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton<MediaClock>(_clock)
            .AddSingleton<IHostApplicationLifetime, Lifetime>()
            .AddSingleton<IVoiceEngine, MirrorEngine>()
            .AddLogging()
            .AddVoiceSessions(settings)
            .AddRtpMedia(settings.GetSection("Media"))
            .AddWebRtcTransport(settings.GetSection("WebRtc"))
            .BuildServiceProvider();
        _demultiplexer = _services.GetRequiredService<PeerDemultiplexer>();
        Client = NewClient();
    }

    public EmulatedLine Line { get; }

    public RtcEndpoint Client { get; private set; }

    public TimeSpan Now => _time.GetElapsedTime(_epoch);

    /// <summary>From each sound of the caller's to its echo; those whose echo did not come are left out.</summary>
    public List<TimeSpan> Delays { get; } = [];

    /// <summary>Sounds that the caller made.</summary>
    public int Sounds { get; private set; }

    /// <summary>The call as the server sees it.</summary>
    public WebRtcCall Call => _call!;

    int IDatagramEnd.Number => 1_000_000;

    IceTransport IDatagramEnd.Transport => IceTransport.Udp;

    IPEndPoint IDatagramEnd.Local => ServerAddress;

    void IDatagramEnd.Send(ReadOnlySpan<byte> datagram, SocketAddress remote)
    {
        Sent++;
        // Where nobody is any more nothing arrives.
        if (remote.Equals(_clientAddress))
            Send(1, datagram);
    }

    void IDatagramEnd.Hold()
    {
    }

    void IDatagramEnd.Release()
    {
    }

    /// <summary>Datagrams that the server has sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Another caller makes an offer, and checks from the place that the first one has.</summary>
    public async Task CheckFromTheSamePlaceAsync()
    {
        using var other = new RtcEndpoint(new RtcPeerOptions(), datagram => _demultiplexer.Receive(this, datagram.ToArray(), _clientAddress), _time);
        await OfferAsync(other);
        other.SendCheck();
    }

    /// <summary>Offer, answer, checks, handshake, channel.</summary>
    public async Task ConnectAsync()
    {
        await CheckAsync();
        await SecureAsync();
    }

    /// <summary>Offer, answer, checks.</summary>
    public async Task CheckAsync()
    {
        _call = await OfferAsync(Client);
        for (int tries = 0; !Client.Checked.IsCompleted; tries++)
        {
            Assert.True(tries < 100, "no check was answered");
            Client.SendCheck();
            Run(TimeSpan.FromMilliseconds(700), () => Client.Checked.IsCompleted);
        }
    }

    private async Task<WebRtcCall> OfferAsync(RtcEndpoint client)
    {
        var offer = new CallOffer(Encoding.UTF8.GetBytes(client.Offer()), default, null, Caller.Anonymous, IPAddress.Loopback);
        var opening = await _services.GetRequiredService<WebRtcCalls>().OpenAsync(offer, CancellationToken.None);
        client.Take(Encoding.UTF8.GetString(opening.Answer.Span));
        return (WebRtcCall)opening.Call!.Control;
    }

    private async Task SecureAsync()
    {
        var securing = Task.Factory.StartNew(Client.Secure, TaskCreationOptions.LongRunning);
        var end = Now + TimeSpan.FromMinutes(2);
        // The handshake's own clock is that of the wall, so the line's must not run away from it: the association would give up before a handshake that has to be patient is through.
        for (long before = Stopwatch.GetTimestamp(); !securing.IsCompleted;)
        {
            Assert.True(Now < end, "the handshake is stuck");
            await Task.Delay(1);
            var passed = Stopwatch.GetElapsedTime(before);
            before = Stopwatch.GetTimestamp();
            Run(passed < LongestStep ? passed : LongestStep, static () => false);
        }

        await securing;
        Assert.True(Run(TimeSpan.FromMinutes(2), () => Client.Opened.IsCompleted), "the channel is stuck");
    }

    /// <summary>The caller is gone, and another calls from the same port.</summary>
    public async Task ReplaceAsync()
    {
        Client.Dispose();
        Client = NewClient();
        await ConnectAsync();
    }

    /// <summary>The caller goes on from another port, and says so by a check, until one gets through.</summary>
    public void ChangePath(int port)
    {
        _clientAddress = AddressOf(port);
        Client.SendCheck();
    }

    /// <summary>The caller is on the line for a while, with a sound every two seconds.</summary>
    public void Talk(TimeSpan time, Action<TimeSpan>? onFrame = null)
    {
        var end = Now + time;
        Span<byte> frame = stackalloc byte[160];
        while (Now < end)
        {
            frame.Fill(0xFF);
            if (_nextFrame % 100 is >= 50 and < 55)
            {
                for (int i = 0; i < frame.Length; i++)
                    frame[i] = MuLaw.Encode((short)(12_000 * Math.Sin(2 * Math.PI * 500 * i / 8000)));
                if (_nextFrame % 100 == 50)
                {
                    Sounds++;
                    _soundAt = Now;
                }
            }

            _nextFrame++;
            Client.SendRtp(frame);
            onFrame?.Invoke(Now);
            Run(TimeSpan.FromMilliseconds(20), static () => false);
        }
    }

    /// <summary>Lets time pass until something holds.</summary>
    public bool Run(TimeSpan most, Func<bool> until)
    {
        for (var end = Now + most; Now < end;)
        {
            if (until())
                return true;
            _time.Advance(Step);
            _clock.Advance(Step);
            Deliver();
            if (Client.NextDeadline <= Client.Now)
                Client.Advance();
            // What the driver hands to the thread pool is done before time goes on.
            SpinWait.SpinUntil(() => _call?.Peer.IsQuiet != false, TimeSpan.FromSeconds(10));
        }

        return until();
    }

    public void Dispose()
    {
        Client.Dispose();
        _call?.Peer.Dispose();
        _services.Dispose();
    }

    private RtcEndpoint NewClient() => new(new RtcPeerOptions(), datagram => Send(0, datagram), _time) { OnRtp = Hear };

    private static SocketAddress AddressOf(int port) => new IPEndPoint(IPAddress.Parse("198.51.100.7"), port).Serialize();

    // Handshakes and events send from other threads.
    private void Send(int to, ReadOnlySpan<byte> datagram)
    {
        lock (Line)
            Line.Send(to, datagram, Now);
    }

    private void Deliver()
    {
        while (true)
        {
            int to;
            byte[] datagram;
            lock (Line)
            {
                if (!Line.TryReceive(Now, out to, out datagram))
                    return;
            }

            if (to == 0)
                _demultiplexer.Receive(this, datagram, _clientAddress);
            else
                Client.Receive(datagram);
        }
    }

    private void Hear(ReadOnlySpan<byte> packet)
    {
        if (RtpHeader.TryRead(packet, out var header) != RtpError.None)
            return;
        int loudest = 0;
        foreach (byte code in packet[header.Length..])
            loudest = Math.Max(loudest, Math.Abs((int)MuLaw.Decode(code)));
        if (loudest < 4000 || _soundAt is not { } at)
            return;
        // Sounds are further apart than any echo may take: it is the last one's.
        Delays.Add(Now - at);
        _soundAt = null;
    }

    /// <summary>An event that comes back with the same number.</summary>
    public static string Event(int number, int length) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"type":"session.update","n":{{number}},"pad":"{{new string('x', length)}}"}""");

    /// <summary>The numbers and lengths of the events that came back so far.</summary>
    public IEnumerable<(int Number, int Length)> TakeEchoes()
    {
        while (Client.Events.TryRead(out var next))
        {
            if (next.GetProperty("type").GetString() == MirrorEngine.Answer)
                yield return (next.GetProperty("n").GetInt32(), next.GetProperty("pad").GetString()!.Length);
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
