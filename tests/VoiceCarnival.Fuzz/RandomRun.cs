using System.Diagnostics;
using System.Text;

namespace VoiceCarnival.Fuzz;

/// <summary>Mutations of a target's corpus from a seed. Blind, but it needs no instrumentation, so it runs anywhere and in the test suite.</summary>
internal sealed class RandomRun(Target target, int seed)
{
    private static readonly byte[][] Words =
    [
        .. ((string[])["null", "true", "-1", "1e400", "18446744073709551616", "\"\"", "[]", "{}", "[[[[", "\\ud800", "\\udc00", "\\u0000", "\\", "\"", ",", ":", "}", "RIFF", "data", "fmt "])
            .Select(Encoding.UTF8.GetBytes),
        [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0xC3], [0xEF, 0xBB, 0xBF],
    ];

    private readonly Random _random = new(seed);

    /// <summary>Runs that many inputs; false when one made the target throw, with the input told.</summary>
    public bool Execute(int count, TextWriter log)
    {
        var clock = Stopwatch.StartNew();
        long early = 0;
        for (int i = 0; i < count; i++)
        {
            // By then all is compiled and every table has its size.
            if (i == count / 10)
                early = GC.GetTotalMemory(forceFullCollection: true);
            byte[] input = i < target.Corpus.Count ? target.Corpus[i] : Mutate();
            try
            {
                target.Run(input);
            }
            catch (Exception exception)
            {
                log.WriteLine($"{target.Name}: input {i} of seed {seed} ({input.Length} bytes, base64): {Convert.ToBase64String(input)}");
                log.WriteLine(exception);
                return false;
            }
        }

        log.WriteLine($"{target.Name}: {count} inputs, seed {seed}, {count / Math.Max(0.001, clock.Elapsed.TotalSeconds):0} a second, no exception, {(GC.GetTotalMemory(forceFullCollection: true) - early) / 1024} KiB more in use at the end than after a tenth");
        return true;
    }

    private byte[] Mutate()
    {
        var input = new List<byte>(target.Corpus[_random.Next(target.Corpus.Count)]);
        for (int n = 1 << _random.Next(4); n > 0; n--)
        {
            int at = _random.Next(input.Count + 1);
            int length = Math.Min(_random.Next(1, 12), input.Count - at);
            switch (_random.Next(7))
            {
                case 0 when at < input.Count:
                    input[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when at < input.Count:
                    input[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    input.RemoveRange(at, length);
                    break;
                case 3:
                    input.InsertRange(at, Words[_random.Next(Words.Length)]);
                    break;
                case 4:
                    byte[] word = Words[_random.Next(Words.Length)];
                    input.RemoveRange(at, Math.Min(word.Length, input.Count - at));
                    input.InsertRange(at, word);
                    break;
                case 5 when length > 0:
                    input.InsertRange(_random.Next(input.Count), input.GetRange(at, length));
                    break;
                case 6 when _random.Next(4) == 0:
                    input.RemoveRange(at, input.Count - at);
                    break;
            }
        }

        return [.. input];
    }
}
