using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Two phones, a line between them that can lose and be listened to, and one clock.</summary>
internal sealed class PhoneRig(Phone one, Phone two, int seed = 11)
{
    private readonly PriorityQueue<(Phone To, byte[] Bytes), (TimeSpan, int)> _line = new();
    private readonly Random _random = new(seed);
    private int _order;

    public TimeSpan Now { get; private set; }

    public double Loss { get; set; }

    /// <summary>Method or status of each message that was sent, with its sender's port.</summary>
    public List<string> Wire { get; } = [];

    /// <summary>The messages themselves.</summary>
    public List<SipMessage> Messages { get; } = [];

    /// <summary>Says whether a message is lost.</summary>
    public Func<Phone, SipMessage, bool>? Drops { get; set; }

    public void Run(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (true)
        {
            Settle();
            var next = Min(one.Agent.NextDeadline, two.Agent.NextDeadline);
            if (_line.TryPeek(out _, out var due))
                next = Min(next, due.Item1);
            if (next is not { } at || at > end)
                break;
            Now = at > Now ? at : Now;
            while (_line.TryPeek(out var first, out due) && due.Item1 <= Now)
            {
                _line.Dequeue();
                var from = first.To == one ? two : one;
                first.To.Agent.Receive(first.Bytes, first.To.PathTo(from), Now);
                Settle();
            }

            one.Agent.AdvanceTo(Now);
            two.Agent.AdvanceTo(Now);
        }

        Now = end;
    }

    public void Settle()
    {
        bool isMore = true;
        while (isMore)
        {
            isMore = Take(one, two) | Take(two, one);
        }
    }

    /// <summary>Bytes from nowhere, as if the other had sent them.</summary>
    public void Inject(Phone to, string text) => to.Agent.Receive(Encoding.UTF8.GetBytes(text), to.PathTo(to == one ? two : one), Now);

    private static TimeSpan? Min(TimeSpan? a, TimeSpan? b) => b is null || a < b ? a : b;

    private bool Take(Phone from, Phone to)
    {
        bool isMore = false;
        foreach (var next in from.Agent.TakeEvents())
        {
            from.Events.Add(next);
            from.On?.Invoke(next, Now);
            isMore = true;
        }

        foreach (var (message, transmit) in from.Agent.TakeMessages())
        {
            isMore = true;
            Assert.Equal(to.Address.Port, transmit.Target.Port);
            Wire.Add($"{from.Address.Port} {(message.IsRequest ? Encoding.ASCII.GetString(message.MethodName) : message.Status.ToString(CultureInfo.InvariantCulture))}");
            Messages.Add(message);
            if (Drops?.Invoke(from, message) == true || _random.NextDouble() < Loss)
                continue;
            _line.Enqueue((to, transmit.Bytes.ToArray()), (Now + TimeSpan.FromMilliseconds(10), _order++));
        }

        return isMore;
    }
}
