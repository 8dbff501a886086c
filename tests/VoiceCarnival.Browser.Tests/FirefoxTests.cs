using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Firefox's own WebRTC against this server.</summary>
public sealed class FirefoxTests
{
    [Fact]
    public async Task Firefox_SpeaksHearsItsEcho_SendsALongMessage_RestartsItsPath_AndHangsUp()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), $"There is no Firefox at {Firefox.Path}. On Debian: apt-get install firefox-esr.");
        Assert.SkipUnless(HasOutwardAddress(), "Firefox does not pair its candidates with loopback, and this machine has no other address.");
        await using var server = await ServerProcess.StartAsync();
        await using var firefox = await Firefox.LaunchAsync();
        await firefox.GoToAsync(server.Address);
        await firefox.EvaluateAsync(BareWebRtcTests.Call);

        // Its microphone is a steady tone, which is no speech to the detector: the turn is ended by hand.
        var heard = await firefox.EvaluateAsync("""
            async () => {
              const send = event => call.dc.send(JSON.stringify(event));
              send({ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: null } } } });
              await call.until('session.updated');
              send({ type: 'input_audio_buffer.clear' });
              await call.until('input_audio_buffer.cleared');
              // A second and a half of it, by what has left.
              const sent = async () => (await call.stats()).find(s => s.type === 'outbound-rtp').packetsSent;
              for (const enough = await sent() + 75; await sent() < enough;) await new Promise(resolve => setTimeout(resolve, 50));
              send({ type: 'input_audio_buffer.commit' });
              await call.until('input_audio_buffer.committed');
              send({ type: 'response.create' });
              await call.until('output_audio_buffer.started');
              await call.until('output_audio_buffer.stopped');
              const inbound = (await call.stats()).find(s => s.type === 'inbound-rtp');
              return { packets: inbound.packetsReceived, energy: inbound.totalAudioEnergy };
            }
            """);
        Assert.InRange(heard.GetProperty("packets").GetInt32(), 50, 100_000);
        Assert.True(heard.GetProperty("energy").GetDouble() > 0.0001, $"nothing was heard: {heard}");

        var length = await firefox.EvaluateAsync("""
            async () => {
              const update = instructions => call.dc.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime', instructions } }));
              update('x'.repeat(200_000));
              const long = (await call.until('session.updated')).session.instructions.length;
              await call.exchange('PATCH', call.location, { iceRestart: true });
              update('after');
              await call.until('session.updated');
              for (const deadline = Date.now() + 20_000; call.pc.connectionState !== 'connected'; await new Promise(resolve => setTimeout(resolve, 50)))
                if (Date.now() > deadline) throw new Error(call.pc.connectionState);
              return long;
            }
            """);
        Assert.Equal(200_000, length.GetInt32());

        var left = await firefox.EvaluateAsync("""
            async () => {
              call.dc.close();
              await call.closed;
              for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
                const { sessions } = await (await fetch('/api/sessions')).json();
                if (!sessions.length) return 0;
                await new Promise(resolve => setTimeout(resolve, 200));
              }
              return 1;
            }
            """);
        Assert.Equal(0, left.GetInt32());
    }

    private static bool HasOutwardAddress() => NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Any(address => address.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address.Address));
}
