using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Server.FunctionalTests.Sip;
using VoiceCarnival.Server.FunctionalTests.WebRtc;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>Whoever lists the sessions finds no call without its id, not for a moment: the id is what is done with a call from there on.</summary>
public sealed class CallIdTests
{
    [Fact]
    public async Task HostedCall_IsListedWithItsId()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var observer = new Observer(gateway.Services);
        var call = gateway.Service.Ring();
        await gateway.DeliverAsync(FakeOpenAI.IncomingCall(call.Id, ("To", "sip:+1@example.org")));
        Assert.Equal("sip-hosted " + call.Id, await observer.FirstAsync());
    }

    [Fact]
    public async Task DirectCall_IsListedWithItsId()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var observer = new Observer(gateway.Services);
        string id = await gateway.StartCallAsync();
        Assert.Equal("webrtc-direct " + id, await observer.FirstAsync());
    }

    [Fact]
    public async Task ReportedCall_IsListedWithItsId()
    {
        await using var gateway = await CallGateway.StartAsync();
        using var observer = new Observer(gateway.Services);
        var call = gateway.Service.StartCall();
        using var reported = await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{call.Id}}"}""");
        Assert.Equal("webrtc-direct " + call.Id, await observer.FirstAsync());
    }

    [Fact]
    public async Task CallOverWebRtc_IsListedWithItsId()
    {
        using var local = new LocalGateway();
        using var observer = new Observer(local.Services);
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        Assert.Equal("webrtc " + peer.Location.Split('/')[^1], await observer.FirstAsync());
    }

    [Fact]
    public async Task PhoneCall_IsListedWithItsId()
    {
        await using var gateway = await PhoneGateway.OpenAsync();
        using var observer = new Observer(gateway.Gateway.Services);
        using var phone = new SipPhone(gateway.Port);
        await phone.CallAsync();
        Assert.Equal("sip " + (await gateway.CallAsync()).GetProperty("id").GetString(), await observer.FirstAsync());
    }

    /// <summary>Looks at the list the moment in which a session is on it: a session's activity begins then.</summary>
    private sealed class Observer : IDisposable
    {
        private readonly ConcurrentQueue<string> _seen = new();
        private readonly SessionDirectory _sessions;
        private readonly CallDirectory _calls;
        private readonly ActivityListener _listener;

        public Observer(IServiceProvider services)
        {
            (_sessions, _calls) = (services.GetRequiredService<SessionDirectory>(), services.GetRequiredService<CallDirectory>());
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == SessionMetrics.Name,
                Sample = (ref _) => ActivitySamplingResult.AllData,
                ActivityStarted = _ => Look(),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        /// <summary>The first session, as it was when it was seen first.</summary>
        public async Task<string> FirstAsync()
        {
            for (int i = 0; i < 600 && _seen.IsEmpty; i++)
                await Task.Delay(50);
            return Assert.Single(_seen.Distinct());
        }

        public void Dispose() => _listener.Dispose();

        private void Look()
        {
            foreach (var session in _sessions.Sessions)
                _seen.Enqueue($"{session.Transport} {(session.Call is { } call && _calls.Find(call.Id) == call && call.Session == session ? call.Id : "without an id")}");
        }
    }
}
