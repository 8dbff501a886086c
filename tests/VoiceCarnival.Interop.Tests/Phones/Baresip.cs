using System.Diagnostics;
using System.Runtime.InteropServices;
using VoiceCarnival.Audio.Wav;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>baresip, a softphone: speaks a file into the call and records what it hears.</summary>
internal sealed class Baresip : PhoneProgram
{
    private readonly int _rate;

    private Baresip(int port, int rate) => (Port, _rate) = (port, rate);

    /// <summary>Its port for UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Its port for TLS.</summary>
    public int TlsPort => Port + 1;

    /// <summary>Starts one.</summary>
    /// <param name="speech">What it says; the call ends with it.</param>
    /// <param name="account">Parameters of its account, such as <c>;answermode=auto</c>.</param>
    /// <param name="dial">Whom it calls; null for nobody.</param>
    /// <param name="user">What it is called.</param>
    /// <param name="domain">Where it has its account; itself when nothing is said.</param>
    /// <param name="password">Its password there.</param>
    /// <param name="rate">Samples a second of what it says.</param>
    /// <param name="host">Its address, as in URIs.</param>
    public static Baresip Start(short[] speech, string account, string? dial = null, string user = "phone", string? domain = null, string? password = null, int rate = 8000, string host = "127.0.0.1")
    {
        Require("baresip");
        var phone = new Baresip(FreePort(), rate);
        string folder = phone.Folder;
        File.WriteAllBytes(Path.Combine(folder, "in.wav"), WavWriter.Write(speech, rate));
        File.WriteAllText(Path.Combine(folder, "contacts"), "");
        string secret = password is null ? "" : $";auth_pass={password}";
        File.WriteAllText(Path.Combine(folder, "accounts"), $"<sip:{user}@{domain ?? $"{host}:{phone.Port}"}{(account.Contains("transport=tcp", StringComparison.Ordinal) ? ";transport=tcp" : "")}>{account}{secret}\n");
        phone.MakeCertificate();
        File.WriteAllText(Path.Combine(folder, "config"), $"""
            poll_method epoll
            sip_listen {host}:{phone.Port}
            sip_certificate {folder}/cert.pem
            audio_player aufile,{folder}/out.wav
            audio_source aufile,{folder}/in.wav
            audio_alert aufile,{folder}/alert.wav
            ausrc_srate {rate}
            auplay_srate {rate}
            ausrc_channels 1
            auplay_channels 1
            module_path /usr/lib/baresip/modules
            module stdio.so
            module g711.so
            module g722.so
            module aufile.so
            module sndfile.so
            module srtp.so
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so
            sndfile_path {folder}

            """.Replace("            ", "", StringComparison.Ordinal));
        string[] family = host[0] == '[' ? ["-6"] : [];
        phone.Start("baresip", dial is null ? [.. family, "-f", folder, "-t", "60"] : [.. family, "-f", folder, "-t", "60", "-e", "/dial " + dial]);
        return phone;
    }

    /// <summary>Types a command, such as <c>/hangup</c>.</summary>
    public void Command(string command) => Type(command);

    /// <summary>Waits until it has heard something, and then nothing for a while.</summary>
    public async Task HearsAnAnswerAsync()
    {
        const int header = 44;
        var pause = TimeSpan.FromSeconds(1.5);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60); await Task.Delay(100))
        {
            // While it is recorded, the file does not tell its length.
            if (Recording() is not { } file || await File.ReadAllBytesAsync(file) is not { Length: > header } bytes)
                continue;
            var samples = MemoryMarshal.Cast<byte, short>(bytes.AsSpan(header, (bytes.Length - header) & ~1));
            int end = samples.Length - (int)(pause.TotalSeconds * _rate);
            if (end > 0 && !IsLoud(samples[end..]) && IsLoud(samples[..end]))
                return;
        }

        Assert.Fail($"It heard no answer:\n{Log}");
    }

    /// <summary>What it heard, once it has ended.</summary>
    public short[] Heard()
    {
        string? file = Recording();
        Assert.True(file is not null, $"It recorded nothing:\n{Log}");
        byte[] bytes = File.ReadAllBytes(file);
        return WavReader.TryRead(bytes, out var wav, out _) ? wav.ToMono() : throw new InvalidDataException($"{bytes.Length} bytes are no WAV file.");
    }

    private string? Recording() => Directory.GetFiles(Folder, "dump-*-dec.wav").Order(StringComparer.Ordinal).LastOrDefault();

    private static bool IsLoud(ReadOnlySpan<short> samples) => samples.ContainsAnyExceptInRange<short>(-1000, 1000);
}
