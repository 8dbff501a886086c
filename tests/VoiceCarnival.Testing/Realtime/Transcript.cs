using System.Text;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>What went over a connection in both directions, for the reader of a failed test.</summary>
internal sealed class Transcript
{
    private const int LinesShown = 80;
    private readonly Lock _lock = new();
    private readonly List<ReceivedEvent> _events = [];
    private readonly List<string> _lines = [];

    public IReadOnlyList<ReceivedEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Sent(string text, TimeSpan at)
    {
        string line = text.Length > 240 ? $"{text[..240]}… ({text.Length} characters)" : text;
        lock (_lock)
        {
            _lines.Add($"  > +{at.TotalMilliseconds,7:0} ms {line.ReplaceLineEndings(" ")}");
        }
    }

    public void Received(ReceivedEvent received)
    {
        lock (_lock)
        {
            _events.Add(received);
            _lines.Add($"  < {received}");
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            var text = new StringBuilder();
            if (_lines.Count > LinesShown)
            {
                text.AppendLine($"  … {_lines.Count - LinesShown} lines before");
            }

            return text.AppendJoin('\n', _lines.TakeLast(LinesShown)).ToString();
        }
    }
}
