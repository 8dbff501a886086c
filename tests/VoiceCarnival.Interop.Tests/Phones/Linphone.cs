using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>Linphone's console phone: answers by itself, speaks a file and records what it hears.</summary>
internal sealed class Linphone : PhoneProgram
{
    private Linphone(int port) => Port = port;

    /// <summary>Its port for UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    /// <param name="speech">What it says, 8 kHz.</param>
    /// <param name="codec">The only one that it takes.</param>
    /// <param name="rate">That one's clock.</param>
    public static async Task<Linphone> StartAsync(short[] speech, string codec, int rate)
    {
        Require("linphonec");
        var phone = new Linphone(FreePort());
        Directory.CreateDirectory(Path.Combine(phone.Folder, ".local/share/linphone"));
        File.WriteAllBytes(Path.Combine(phone.Folder, "in.wav"), WavWriter.Write(speech, 8000));
        string file = Path.Combine(phone.Folder, "rc");
        File.WriteAllText(file, $"[sip]\nsip_port={phone.Port}\nsip_tcp_port={phone.Port}\nsip_tls_port=0\nguess_hostname=0\n[net]\nfirewall_policy=0\n[rtp]\naudio_rtp_port={FreePort()}\n");
        (string Name, int Rate)[] codecs = [("opus", 48_000), ("speex", 16_000), ("speex", 8000), ("PCMU", 8000), ("PCMA", 8000), ("G722", 8000), ("GSM", 8000), ("iLBC", 8000), ("G729", 8000)];
        File.AppendAllText(file, string.Concat(codecs.Select((known, i) =>
            $"[audio_codec_{i}]\nmime={known.Name}\nrate={known.Rate}\nchannels={(known.Name == "opus" ? 2 : 1)}\nenabled={(known == (codec, rate) ? 1 : 0)}\n")));
        phone.Start("linphonec", "-a", "-c", file);
        await phone.SaysAsync("linphonec, use"); // its prompt has no end of line
        phone.Type("soundcard use files");
        phone.Type($"play {phone.Folder}/in.wav");
        phone.Type($"record {phone.Folder}/out.wav");
        await phone.SaysAsync("Using wav files");
        return phone;
    }

    /// <summary>What it heard, at 8 kHz, once it has ended. It writes the head of its file over the first samples, and so counts more than there are.</summary>
    public short[] Heard()
    {
        const int head = 44;
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, "out.wav"));
        short[] samples = MemoryMarshal.Cast<byte, short>(file.AsSpan(head)).ToArray();
        var resampler = new Resampler(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(24)), 8000);
        var heard = new short[resampler.OutputLength(samples.Length)];
        return heard[..resampler.Process(samples, heard)];
    }

    /// <summary>Ends it in order, so that its files are whole.</summary>
    public Task QuitAsync()
    {
        Type("quit");
        return EndsAsync();
    }
}
