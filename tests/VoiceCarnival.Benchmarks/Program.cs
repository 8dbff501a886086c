using BenchmarkDotNet.Running;
using VoiceCarnival.Benchmarks;
using VoiceCarnival.Benchmarks.Echo;
using VoiceCarnival.Benchmarks.Faults;
using VoiceCarnival.Benchmarks.Load;
using VoiceCarnival.Benchmarks.Media;
using VoiceCarnival.Benchmarks.Page;
using VoiceCarnival.Benchmarks.Relay;
using VoiceCarnival.Benchmarks.Relay.Peers;
using VoiceCarnival.Benchmarks.Sctp;
using VoiceCarnival.Benchmarks.Sip;
using VoiceCarnival.Benchmarks.Speech;
using VoiceCarnival.Benchmarks.Startup;
using VoiceCarnival.Benchmarks.WebRtc;

string[] rest = args.Length == 0 ? [] : args[1..];
try
{
    switch (args.FirstOrDefault())
    {
        case "load":
            return await LoadCommand.RunAsync(LoadOptions.Parse(rest));
        case "startup":
            return await StartupCommand.RunAsync(rest);
        case "page":
            return await PageCommand.RunAsync(rest);
        case "relay":
            return await RelayCommand.RunAsync(rest);
        case "idle":
            return await IdleCommand.RunAsync(rest);
        case "media":
            return await MediaCommand.RunAsync(rest);
        case "soak":
            return await SoakCommand.RunAsync(rest);
        case "webrtc":
            return await WebRtcCommand.RunAsync(rest);
        case "echo":
            return await EchoCommand.RunAsync(rest);
        case "faults":
            return await FaultsCommand.RunAsync(rest);
        case "speech":
            return await SpeechCommand.RunAsync(rest);
        case "turns":
            return await TurnsCommand.RunAsync(rest);
        case "sip":
            return await SipCommand.RunAsync(rest);
        case "sctp":
            return SctpCommand.Run(rest);
        // The parts of relay that run in processes of their own.
        case "relay-upstream":
            await FakeUpstream.RunAsync(rest);
            return 0;
        case "relay-callers":
            await RelayCallers.RunAsync(rest);
            return 0;
        case "relay-yarp":
            await YarpPeer.RunAsync(rest);
            return 0;
        // The callers of webrtc.
        case "webrtc-callers":
            await WebRtcCallers.RunAsync(rest);
            return 0;
        // The server of echo.
        case "echo-server":
            await EchoServer.RunAsync(rest);
            return 0;
        case "micro":
            // Every class with [Benchmark] methods in this assembly takes part.
            BenchmarkSwitcher.FromAssembly(typeof(LoadCommand).Assembly).Run(rest);
            return 0;
        default:
            Console.WriteLine(Arguments.Usage);
            return 2;
    }
}
catch (UsageException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
