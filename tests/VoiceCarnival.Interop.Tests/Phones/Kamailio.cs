namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Kamailio as registrar and as the proxy that all calls go through.</summary>
internal sealed class Kamailio : PhoneProgram
{
    /// <summary>The password of everybody.</summary>
    public const string Password = "secret";

    private Kamailio(int port) => Port = port;

    /// <summary>Its port for UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Its port for TLS.</summary>
    public int TlsPort => Port + 1;

    /// <param name="isSecure">With TLS, too; skips the test where its module for that is not installed.</param>
    public static async Task<Kamailio> StartAsync(bool isSecure = false)
    {
        Require("kamailio");
        var kamailio = new Kamailio(FreePort());
        string file = Path.Combine(kamailio.Folder, "kamailio.cfg");
        string configuration = Configuration;
        if (isSecure)
        {
            Assert.SkipUnless(Directory.GetDirectories("/usr/lib", "*-linux-gnu").Any(folder => File.Exists(Path.Combine(folder, "kamailio/modules/tls.so"))), "kamailio-tls-modules is not installed here.");
            kamailio.MakeCertificate();
            configuration = configuration.Replace("#TLS", Tls, StringComparison.Ordinal);
        }

        File.WriteAllText(file, configuration.Replace("TLSPORT", $"{kamailio.TlsPort}", StringComparison.Ordinal).Replace("PORT", $"{kamailio.Port}", StringComparison.Ordinal)
            .Replace("FOLDER", kamailio.Folder, StringComparison.Ordinal));
        kamailio.Start("kamailio", "-f", file, "-DD", "-E", "-e", "-m", "64", "-M", "8", "-Y", kamailio.Folder, "-w", kamailio.Folder);
        int last = isSecure ? kamailio.TlsPort : kamailio.Port;
        for (int i = 0; i < 200 && !IsUp(last); i++)
            await Task.Delay(50);
        Assert.True(IsUp(last), kamailio.Log);
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

    // Its processes cannot sign for TLS 1.3 with OpenSSL 3 (5.6: "no suitable signature algorithm").
    private const string Tls = """
        enable_tls=yes
        listen=tls:127.0.0.1:TLSPORT
        loadmodule "tls.so"
        modparam("tls", "tls_method", "TLSv1.2")
        modparam("tls", "private_key", "FOLDER/key.pem")
        modparam("tls", "certificate", "FOLDER/public.pem")
        """;

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
        #TLS
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
