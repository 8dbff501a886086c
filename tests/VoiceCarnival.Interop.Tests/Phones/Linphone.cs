using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Linphone's console phone: answers by itself, speaks a file and records what it hears.</summary>
internal sealed class Linphone : PhoneProgram
{
    private Linphone(int port) => Port = port;

    /// <summary>Its port for UDP and TCP.</summary>
    public int Port { get; }

    public static async Task<Linphone> StartAsync(short[] speech)
    {
        Require("linphonec");
        var phone = new Linphone(FreePort());
        Directory.CreateDirectory(Path.Combine(phone.Folder, ".local/share/linphone"));
        File.WriteAllBytes(Path.Combine(phone.Folder, "in.wav"), WavWriter.Write(speech, 8000));
        string file = Path.Combine(phone.Folder, "rc");
        File.WriteAllText(file, $"[sip]\nsip_port={phone.Port}\nsip_tcp_port={phone.Port}\nsip_tls_port=0\nguess_hostname=0\n[net]\nfirewall_policy=0\n[rtp]\naudio_rtp_port={FreePort()}\n");
        phone.Start("linphonec", "-a", "-c", file);
        await phone.SaysAsync("linphonec, use"); // its prompt has no end of line
        phone.Type("soundcard use files");
        phone.Type($"play {phone.Folder}/in.wav");
        phone.Type($"record {phone.Folder}/out.wav");
        await phone.SaysAsync("Using wav files");
        return phone;
    }

    /// <summary>What it heard, once it has ended.</summary>
    public short[] Heard()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "out.wav"));
        return WavReader.TryRead(bytes, out var wav, out _) ? wav.ToMono() : throw new InvalidDataException($"{bytes.Length} bytes are no WAV file: {Convert.ToHexString(bytes.AsSpan(0, 64))}\n{Log}");
    }

    /// <summary>Ends it in order, so that its files are whole.</summary>
    public Task QuitAsync()
    {
        Type("quit");
        return EndsAsync();
    }
}
