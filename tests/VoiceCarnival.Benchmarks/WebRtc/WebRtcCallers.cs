using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>
/// All callers, in a process of their own. Does what it is told on standard input (<c>one-by-one COUNT URL</c>, <c>open COUNT URL</c>, <c>open-janus COUNT URL</c>, <c>speak</c>,
/// <c>listen</c>, <c>read</c>, <c>close</c>) and answers each with its <see cref="WebRtcTally"/>.
/// </summary>
internal sealed class WebRtcCallers(RtcPeerOptions options, byte[] silence, byte[][] recording) : IDisposable
{
    private const int Groups = 10;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenSource _quiet = new();
    private readonly Histogram _starts = new();
    private volatile Listener[] _listeners = [];
    private Histogram _spacing = new();
    private Histogram _lag = new();
    private double _first;
    private volatile bool _isSpeaking;

    /// <param name="arguments"><c>opus</c> or <c>pcmu</c>.</param>
    public static async Task RunAsync(string[] arguments)
    {
        bool isOpus = arguments[0] == "opus";
        var codec = isOpus ? AudioCodecs.Opus : AudioCodecs.Available.First(known => known.Name == "PCMU");
        using var callers = new WebRtcCallers(isOpus ? RtcPeerOptions.Opus : new RtcPeerOptions(), Encode(codec, new short[20 * codec.SamplesOf(20)])[^1], Record(codec));
        var sending = new Thread(callers.Send) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        sending.Start();
        while (await Task.Run(Console.In.ReadLine) is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "one-by-one":
                    await callers.OneByOneAsync(int.Parse(words[1], CultureInfo.InvariantCulture), new Uri(words[2]));
                    break;
                case "open":
                    await callers.OpenAsync(int.Parse(words[1], CultureInfo.InvariantCulture), new Uri(words[2]));
                    break;
                case "open-janus":
                    await callers.OpenJanusAsync(int.Parse(words[1], CultureInfo.InvariantCulture), new Uri(words[2]));
                    break;
                case "speak":
                    callers._isSpeaking = true;
                    break;
                case "listen":
                    callers.Listen();
                    break;
                case "close":
                    callers._isSpeaking = false;
                    await callers.CloseAsync();
                    break;
            }

            Console.WriteLine(JsonSerializer.Serialize(callers.Tally()));
        }
    }

    public void Dispose() => _quiet.Dispose();

    private static byte[][] Record(AudioCodec codec)
    {
        short[] speech = SpeechFile.Read("counting.wav");
        var resampler = new Resampler(24_000, codec.SampleRate);
        var samples = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, samples);
        return Encode(codec, samples);
    }

    private static byte[][] Encode(AudioCodec codec, short[] samples)
    {
        using var encoder = codec.CreateEncoder();
        var payload = new byte[1280];
        return [.. samples.Chunk(codec.SamplesOf(20)).Where(frame => frame.Length == codec.SamplesOf(20)).Select(frame => payload[..encoder.Encode(frame, payload)])];
    }

    private WebRtcTally Tally()
    {
        var listeners = _listeners;
        return new WebRtcTally(_first, _starts.Percentile(50), _starts.Percentile(95), listeners.Sum(listener => listener.Received), listeners.Sum(listener => listener.Lost),
            _spacing.Percentile(50), _spacing.Percentile(99), _spacing.MaximumMilliseconds, _lag.Percentile(99));
    }

    private async Task OneByOneAsync(int count, Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        for (int i = 0; i < count; i++)
        {
            using var peer = new RtcPeer(options);
            long began = Stopwatch.GetTimestamp();
            await peer.CallAsync(client);
            await peer.Heard;
            var took = Stopwatch.GetElapsedTime(began);
            if (i == 0)
                _first = took.TotalMilliseconds;
            else
                _starts.Record(took);
            peer.CloseChannel();
            await peer.Closed;
        }
    }

    private async Task OpenAsync(int count, Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        while (_listeners.Length < count)
        {
            var peer = new RtcPeer(options with { IsPolled = true });
            await peer.CallAsync(client);
            _listeners = [.. _listeners, new Listener(peer)];
        }
    }

    // Janus is the client of the handshake. It would answer events, too, but not those of ours.
    private async Task OpenJanusAsync(int count, Uri address)
    {
        using var client = new HttpClient();
        while (_listeners.Length < count)
        {
            var peer = new RtcPeer(options with { HasData = false, Setup = "passive", IsPolled = true });
            await JanusCall.PlaceAsync(client, address, peer);
            _listeners = [.. _listeners, new Listener(peer)];
        }
    }

    private void Listen()
    {
        (_spacing, _lag) = (new Histogram(), new Histogram());
        foreach (var listener in _listeners)
            listener.Begin(_spacing);
    }

    private async Task CloseAsync()
    {
        var leaving = _listeners;
        _listeners = [];
        foreach (var listener in leaving)
            listener.Peer.Abort();
        await Task.Delay(500);
        foreach (var listener in leaving)
            listener.Peer.Dispose();
    }

    // All at the same pace, from one thread, each with its own moment within 20 ms and its own place in the recording.
    private void Send()
    {
        long began = Stopwatch.GetTimestamp();
        for (long turn = 0; !_quiet.IsCancellationRequested; turn++)
        {
            var late = Stopwatch.GetElapsedTime(began) - turn * Frame / Groups;
            if (late < TimeSpan.Zero)
                Thread.Sleep(-late);
            else
                _lag.Record(late);
            var listeners = _listeners;
            for (int i = (int)(turn % Groups); i < listeners.Length; i += Groups)
                listeners[i].Peer.SendRtp(_isSpeaking ? recording[(turn / Groups + i * 37) % recording.Length] : silence);
        }
    }
}
