using System.Globalization;

namespace VoiceCarnival.Benchmarks;

/// <summary>Reads arguments of the form <c>--name value</c> and <c>--flag</c>.</summary>
internal sealed class Arguments
{
    public const string Usage = """
        dotnet run -c Release --project tests/VoiceCarnival.Benchmarks -- <what>

          load      many WebSocket sessions that stream audio, against a server of its own or a running one
            --sessions 200            how many
            --seconds 30              how long, after all are connected
            --audio binary            binary frames (voicecarnival.pcm16), base64, or none
            --model gpt-realtime      the model asked for
            --say FILE                events, one JSON a line, that each session sends after session.created
            --speech FILE             what each caller says over and over (WAV, 24 kHz), with room for an answer as long; otherwise a quiet room
            --probes 20               sessions whose event round trip is measured once a second
            --server DIR              a published server; by default the one built with this project
            --env NAME=VALUE          a setting of the started server; may be repeated
            --url ws://127.0.0.1:5080 a running server instead; with --pid N its processor time and memory are read
            --json                    the JSON line only
          relay     what relaying to the OpenAI engine costs, beside other relays; callers, upstream and relays are processes of their own
            --sessions 100            50 frames a second each way, an upstream that echoes
            --seconds 20              of measurement, after --warm-up 45: until then the compiler is at work
            --rounds 1                repeats all peers in turn and gives the medians
            --peers direct,nginx,ours,ours-binary
                                      also yarp and node (needs npm)
            --install                 lets apt-get install nginx where it is missing
            --server DIR, --env NAME=VALUE, --json as above
          idle      memory of relayed sessions that hardly speak
            --sessions 1000 --seconds 30
            --every 10                seconds from frame to frame
            --peers ours, --install, --server DIR, --env NAME=VALUE as above
          soak      whether a relay stays as it is over a long time: its memory, threads and open files, while callers come and go
            --sessions 30 --seconds 3600
            --every 60                seconds from line to line
            --renew 5                 callers that hang up, and come, with every line
            --peers ours, --server DIR, --env NAME=VALUE as above
          faults    silence and lost audio of a relayed call whose service or line fails in mid-answer
            --runs 5
            --server DIR, --env NAME=VALUE as above
          sip calls     phone calls at a time, PCMU over UDP, and the same into sipp's echo (needs sipp): --calls 200 --seconds 20
          sip setups    calls a second, and how soon they are answered: --rate 100 --seconds 20
          sip serial    calls one after another, and what they leave behind: --calls 10000
          sip barge-in  a caller on the phone who speaks over the agent, and until when he hears it: --times 30
          sip flood     strangers' INVITEs a second while a call runs: --rate 50000 --seconds 10, --accounts where phones have passwords
          media     audio calls that echo every frame, packets in to packets out, without sockets and encryption
            --calls 100
            --codec opus              or G722, PCMU, PCMA
            --seconds 20
            --json                    the JSON line only
          speech    what the embedded speech services take: synthesis, recognition and its word errors, noise reduction
            --runs 10                 of each
          turns     spoken questions to the concierge, end of speech to the first sample sent, by its parts
            --runs 10
            --server DIR, --env NAME=VALUE as above
          startup   the time from starting the server to its first 200 on /healthz, also by dotnet run in the built tree
            --runs 5
            --server DIR, --env NAME=VALUE as above
          page      what a person at the page notices, in Chromium with a microphone that speaks
            --seconds 60
            --transport websocket     or webrtc
            --picture FILE            a picture of the page at the end; the README's is made with the script beside PageCommand
            --server DIR, --env NAME=VALUE as above
          webrtc    calls by peers of our own, in a process of their own, to the local engine
            --starts 20               calls one after another, for the time from the offer to the first RTP
            --calls 100 --seconds 20  at a time
            --after 0                 calls one after another, for what they leave behind
            --codec opus              or pcmu
            --janus                   the same calls to Janus' echo test afterwards, where it is installed
            --server DIR, --env NAME=VALUE as above
          webrtc flood  strangers' datagrams of each kind to the calls' port while a call runs: --rate 50000 --seconds 6
          echo      the line between Chromium and the WebRTC transport alone, each frame and event said back
            --tones 40 --pings 300
            --codec opus              or pcmu, g722
          sctp      data channels over lossy, slow and long lines, in virtual time
            --seeds 200               runs of each line
          micro     BenchmarkDotNet; the other arguments are its own
        """;

    private readonly List<(string Name, string Value)> _options = [];

    public Arguments(string[] args, IReadOnlyCollection<string> names, IReadOnlyCollection<string> flags)
    {
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            if (flags.Contains(name))
            {
                _options.Add((name, "true"));
            }
            else if (names.Contains(name) && i + 1 < args.Length)
            {
                _options.Add((name, args[++i]));
            }
            else
            {
                throw new UsageException($"{args[i]} is not understood, or its value is missing.\n\n{Usage}");
            }
        }
    }

    public string? Text(string name) => _options.FindLast(option => option.Name == name).Value;

    public bool Flag(string name) => Text(name) is not null;

    public IEnumerable<string> All(string name) => _options.Where(option => option.Name == name).Select(option => option.Value);

    public int Number(string name, int otherwise, int minimum, int maximum)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum
            ? number
            : throw new UsageException($"--{name} must be a number from {minimum} to {maximum}.");
    }

    public IReadOnlyDictionary<string, string> Settings(string name)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string setting in All(name))
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            settings[equals > 0 ? setting[..equals] : throw new UsageException($"--{name} must be NAME=VALUE, not {setting}.")] =
                setting[(equals + 1)..];
        }

        return settings;
    }
}
