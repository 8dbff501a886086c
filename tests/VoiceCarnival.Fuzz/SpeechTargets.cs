using System.Text;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.Remote;
using VoiceCarnival.Speech.Synthesis;

namespace VoiceCarnival.Fuzz;

/// <summary>What servers of speech and chat answer, audio that is still being written, and text on its way to a voice. Streams of events of a chat are read by OpenAI's own client.</summary>
internal static class SpeechTargets
{
    private static readonly string[] Complaints =
    [
        """{"error":{"message":"Rate limit reached for sk-key.","type":"requests","code":"rate_limit_exceeded"}}""", """{"error":"model 'x' not found"}""", """{"detail":"no \ud83d\ude00","code":"x"}""",
        """{"object":"error","message":"too long","code":400}""", """{"code":"insufficient_quota","message":"\u00e9"}""", "\"out of memory\"",
    ];

    private static readonly string[] Texts =
    [
        "It costs $3.50, i.e. 20 % less. \"Really?\" Yes — see https://example.org/a?b=c … OK :-)", "Dr. Smith's 2nd call: +49 30 1234567; e-mail a@b.c!\n\n* one\n* two",
        "Привет мир. こんにちは。안녕하세요 مرحبا ☎️ 👩‍👩‍👧 e\u0301", "One,two;three",
    ];

    public static IReadOnlyList<Target> All { get; } =
    [
        new("complaint", ReadComplaint, [.. Complaints.Select(Encoding.UTF8.GetBytes)]),
        new("pcm-input", ReadInput, [Wav(0xFFFFFFFF), Wav(64), new byte[640], [7, .. Wav(64)]]),
        new("spoken-text", ReadText, [.. Texts.Select(Encoding.UTF8.GetBytes)]),
    ];

    // As the answer itself and as what stands in the middle of one.
    private static void ReadComplaint(byte[] bytes)
    {
        const string key = "sk-key";
        var problem = RemoteError.Of(bytes, ModelServiceException.Chat, key);
        if (problem.Message.Contains(key, StringComparison.Ordinal))
            throw new InvalidOperationException("The key is told.");
        RequireText(problem.Message);
        RequireText(problem.Code);
        var (code, message) = RemoteError.Read(bytes);
        RequireText(code ?? "");
        RequireText(message ?? "");
    }

    // The first byte says how much a read gives. However the file is cut, the same comes out, and never more than went in.
    private static void ReadInput(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        short[]? whole = Samples(bytes.AsSpan(1), int.MaxValue), pieces = Samples(bytes.AsSpan(1), (bytes[0] % 7) + 1);
        if ((whole is null) != (pieces is null) || !whole.AsSpan().SequenceEqual(pieces))
            throw new InvalidOperationException("The same bytes in other pieces say something else.");
        if (whole?.Length > bytes.Length * 8)
            throw new InvalidOperationException("More came out than went in.");
    }

    private static short[]? Samples(ReadOnlySpan<byte> bytes, int atATime)
    {
        try
        {
            return new PcmInput(new Pieces(bytes.ToArray(), atATime), 24_000).ReadAllAsync(100_000, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch (ModelServiceException)
        {
            return null; // it is told that the format is not understood
        }
    }

    private static void ReadText(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (string.Concat(Sentences.Of(text)) != text)
            throw new InvalidOperationException("Sentences are not the text.");
        _ = Scripts.LanguageOf(text);
        _ = Scripts.HasWords(text);
        string plain = PlainText.Of(text, out var places);
        if (plain.Length != places.Count || places.Any(place => place < 0 || place >= text.Length))
            throw new InvalidOperationException("Something is read that does not stand there.");
        var times = new WordTimes(text, plain, places);
        // Tokens as they may come, and as they may not.
        for (int i = 0; i + 2 < bytes.Length; i += 3)
            times.Add(bytes[i] - 2, bytes[i + 1] / 50f, bytes[i + 2] == 255 ? float.NaN : bytes[i + 2] / 25f);
        var last = TimeSpan.Zero;
        int end = 0;
        foreach (var word in times.All())
        {
            if (word.Begin < last || word.End < word.Begin || word.Start < end || word.Start + word.Length > text.Length)
                throw new InvalidOperationException("Words are not in order.");
            (last, end) = (word.End, word.Start + word.Length);
        }
    }

    private static void RequireText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                throw new InvalidOperationException("Half a character is told.");
        }
    }

    private static byte[] Wav(uint length)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write((byte)3);
        writer.Write("RIFF"u8);
        writer.Write(36 + 64);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(16_000);
        writer.Write(32_000);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(length);
        writer.Write(new byte[64]);
        return bytes.ToArray();
    }

    /// <summary>A stream that gives a little at a time.</summary>
    private sealed class Pieces(byte[] bytes, int atATime) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, atATime)], cancellationToken);
    }
}
