namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Kamailio as registrar and as the proxy that all calls go through.</summary>
internal sealed class Kamailio : PhoneProgram
{
    /// <summary>The password of everybody.</summary>
    public const string Password = "secret";

    private Kamailio(int port) => Port = port;

    /// <summary>Its port for UDP and TCP.</summary>
    public int Port { get; }

    public static async Task<Kamailio> StartAsync()
    {
        Require("kamailio");
        var kamailio = new Kamailio(FreePort());
        string file = Path.Combine(kamailio.Folder, "kamailio.cfg");
        File.WriteAllText(file, Configuration.Replace("PORT", $"{kamailio.Port}", StringComparison.Ordinal));
        kamailio.Start("kamailio", "-f", file, "-DD", "-E", "-e", "-m", "32", "-M", "8", "-Y", kamailio.Folder, "-w", kamailio.Folder);
        for (int i = 0; i < 200 && !IsUp(kamailio.Port); i++)
            await Task.Delay(50);
        Assert.True(IsUp(kamailio.Port), kamailio.Log);
        return kamailio;
    }

    private static bool IsUp(int port)
    {
        try
        {
            using var socket = new System.Net.Sockets.TcpClient("127.0.0.1", port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private const string Configuration = """
        debug=0
        log_stderror=yes
        children=1
        tcp_children=1
        listen=udp:127.0.0.1:PORT
        listen=tcp:127.0.0.1:PORT
        mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "auth.so"
        modparam("usrloc", "db_mode", 0)
        modparam("registrar", "min_expires", 60)
        request_route {
          if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
          if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
          if (has_totag()) {
            if (loose_route()) { t_relay(); exit; }
            if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
            sl_send_reply("404", "Not here"); exit;
          }
          if (is_method("REGISTER")) {
            if (!pv_www_authenticate("kamailio", "secret", "0")) { www_challenge("kamailio", "1"); exit; }
            save("location"); exit;
          }
          if (is_method("INVITE")) record_route();
          if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
          t_relay();
        }
        """;
}
