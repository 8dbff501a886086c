using System.Buffers.Binary;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>RTP packets of PCMU, as a scripted phone hears and sends them.</summary>
internal static class PcmuPacket
{
    private const int Samples = 160;

    /// <summary>Whether there is anything to hear in one.</summary>
    public static bool IsLoud(ReadOnlySpan<byte> packet)
    {
        if (packet.Length <= RtpHeader.FixedLength || (packet[1] & 0x7F) != 0)
            return false;
        foreach (byte sample in packet[RtpHeader.FixedLength..])
        {
            // The fourth of eight segments and up: some -30 dB of full scale.
            if ((sample & 0x7F) < 0x50)
                return true;
        }

        return false;
    }

    /// <summary>A spoken file of the assets as packets.</summary>
    public static IEnumerable<byte[]> Of(string file)
    {
        short[] speech = SpeechFile.Read(file);
        var resampler = new Resampler(24_000, 8000);
        var narrow = new short[resampler.OutputLength(speech.Length)];
        int length = resampler.Process(speech, narrow);
        var encoder = AudioCodecs.Pcmu.CreateEncoder(new());
        for (int i = 0; i + Samples <= length; i += Samples)
        {
            var packet = new byte[RtpHeader.FixedLength + Samples];
            packet[0] = 0x80;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(i / Samples));
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)i);
            packet[11] = 1;
            encoder.Encode(narrow.AsSpan(i, Samples), packet.AsSpan(RtpHeader.FixedLength));
            yield return packet;
        }
    }
}
