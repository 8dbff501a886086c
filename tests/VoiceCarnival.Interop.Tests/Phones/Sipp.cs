namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>sipp, a generator of calls, with one of its own scenarios or one of ours.</summary>
internal sealed class Sipp : PhoneProgram
{
    private Sipp(int port) => Port = port;

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Makes calls.</summary>
    public static Sipp Call(int serverPort, string transport, int calls, string? scenario = null, params string[] more)
    {
        Require("sipp");
        var sipp = new Sipp(FreePort());
        string[] what = scenario is null ? ["-sn", "uac"] : ["-sf", sipp.Write(scenario)];
        sipp.Start("sipp", [$"127.0.0.1:{serverPort}", .. what, "-t", transport, "-i", "127.0.0.1", "-p", $"{sipp.Port}", "-mi", "127.0.0.1", "-s", "agent", "-m", $"{calls}", "-r", "10",
            "-nostdin", "-timeout", "60", "-trace_err", "-trace_msg", "-message_file", Path.Combine(sipp.Folder, "messages"), .. more]);
        return sipp;
    }

    /// <summary>Is called, and sends back what it hears.</summary>
    public static Sipp Answer(string? scenario = null, params string[] more)
    {
        Require("sipp");
        var sipp = new Sipp(FreePort());
        string[] what = scenario is null ? ["-sn", "uas", "-rtp_echo"] : ["-sf", sipp.Write(scenario)];
        sipp.Start("sipp", [.. what, "-i", "127.0.0.1", "-p", $"{sipp.Port}", "-mi", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "60", "-trace_msg", "-message_file", Path.Combine(sipp.Folder, "messages"), .. more]);
        return sipp;
    }

    /// <summary>All messages, both ways.</summary>
    public string Messages => File.Exists(Path.Combine(Folder, "messages")) ? File.ReadAllText(Path.Combine(Folder, "messages")) : "";

    private string Write(string scenario)
    {
        string file = Path.Combine(Folder, "scenario.xml");
        File.WriteAllText(file, scenario);
        return file;
    }
}
