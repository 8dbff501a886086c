namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// Puts messages together from their pieces, and each stream's messages in order (RFC 9260, sections 6.5, 6.6 and 6.9). A gap holds up the messages that it
/// belongs to and those after them on the same stream, nothing else.
/// </summary>
/// <remarks>
/// Without I-DATA a sender gives the pieces of a message consecutive TSNs, and the messages of a stream TSNs in their order. So a message with nothing missing
/// before it is the next of its stream, whatever its number: nothing can be held for ever.
/// </remarks>
internal sealed class Reassembly(SctpOptions options)
{
    private const int MostFree = 64;
    private readonly List<FragmentRun> _runs = [];
    private readonly Stack<FragmentRun> _free = new();
    private readonly StreamSequences _next = new();
    // Runs that are whole messages, and whether none of them is the next of its stream.
    private int _whole;
    private bool _isSettled = true;

    /// <summary>What is held counts for so many bytes.</summary>
    public int Held { get; private set; }

    /// <summary>Numbers of a stream begin anew.</summary>
    public void ResetStream(ushort stream) => _next[stream] = 0;

    /// <summary>Takes a piece that has not come before.</summary>
    /// <param name="place">Its TSN.</param>
    /// <param name="chunk">The piece.</param>
    /// <param name="received">What has come, without this one.</param>
    /// <param name="messages">Where it goes if it is a message that need not be held.</param>
    /// <returns>False when it contradicts its neighbours, or makes a message too long.</returns>
    public bool Add(long place, in DataChunk chunk, ReceivedTsns received, ReceivedMessages messages)
    {
        int at = _runs.Count;
        while (at > 0 && _runs[at - 1].First > place)
            at--;
        var before = at > 0 && _runs[at - 1].Last == place - 1 && !_runs[at - 1].Ends ? _runs[at - 1] : null;
        var after = at < _runs.Count && _runs[at].First == place + 1 && !_runs[at].Begins ? _runs[at] : null;
        if (!Agrees(chunk, chunk.Begins, before, received.Contains(place - 1)) || !Agrees(chunk, chunk.Ends, after, received.Contains(place + 1)))
            return false;
        int length = chunk.Data.Length + (before?.Length ?? 0) + (after?.Length ?? 0);
        if (length > options.MaxMessageSize)
            return false;

        if (chunk.Begins && chunk.Ends && (chunk.IsUnordered || chunk.Sequence == _next[chunk.Stream] || place == received.Cumulative + 1))
        {
            Pass(chunk.Stream, chunk.Sequence, chunk.PayloadProtocol, chunk.IsUnordered, chunk.Data, messages);
            return true;
        }

        var run = before;
        if (run is not null)
        {
            run.Add(chunk);
            Held += chunk.Data.Length;
        }
        else
        {
            run = _free.TryPop(out var used) ? used : new FragmentRun();
            run.Start(place, chunk);
            _runs.Insert(at++, run);
            Held += chunk.Data.Length + ReceivedMessages.Overhead;
        }

        if (after is not null)
        {
            run.Add(after);
            Held += after.Length;
            Remove(at);
        }

        if (run.IsWhole)
            _whole++;
        _isSettled &= !run.IsWhole || !IsNext(run);
        return true;
    }

    /// <summary>Passes on what need not be held any longer, now that everything has come up to a TSN.</summary>
    public void Release(long cumulative, ReceivedMessages messages)
    {
        // A message that has been passed on may have made the next of its stream free: so again, while there is any that waits beyond the gap.
        for (int i = 0; i < _runs.Count && (_runs[i].First <= cumulative || (_whole > 0 && !_isSettled));)
        {
            var run = _runs[i];
            if (!run.IsWhole || (run.Last > cumulative && !IsNext(run)))
            {
                i++;
                continue;
            }

            Pass(run.Stream, run.Sequence, run.PayloadProtocol, run.IsUnordered, run.Data, messages);
            Remove(i);
        }

        _isSettled = true;
    }

    private bool IsNext(FragmentRun run) => run.IsUnordered || run.Sequence == _next[run.Stream];

    /// <summary>On either side of a piece there is one of the same message, or the message's end.</summary>
    private static bool Agrees(in DataChunk chunk, bool isEnd, FragmentRun? neighbour, bool hasCome) =>
        neighbour is null ? isEnd || !hasCome : !isEnd && neighbour.Fits(chunk);

    private void Pass(ushort stream, ushort sequence, uint payloadProtocol, bool isUnordered, ReadOnlySpan<byte> data, ReceivedMessages messages)
    {
        if (!isUnordered)
        {
            _next[stream] = (ushort)(sequence + 1);
            _isSettled = false;
        }

        messages.Add(new SctpEvent(SctpEventKind.Message, stream, payloadProtocol, data.ToArray()));
    }

    private void Remove(int index)
    {
        var run = _runs[index];
        if (run.IsWhole)
            _whole--;
        _runs.RemoveAt(index);
        Held -= run.Length + ReceivedMessages.Overhead;
        run.Clear();
        if (_free.Count < MostFree)
            _free.Push(run);
    }
}
