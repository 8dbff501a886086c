using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>
/// What a call keeps of the requests that it has answered: over UDP each answer for 32 s, for copies of the request. Ordinary calls keep a few; some 250 answers of 500 bytes have room, each with
/// what it takes to find it, which is eight keys a second by INFO without end.
/// </summary>
internal sealed class KeptAnswers
{
    /// <summary>Bytes beyond which nothing is added.</summary>
    public const int Most = 256 * 1024;

    private readonly Queue<ServerTransaction> _transactions = new();

    /// <summary>Another answer may be kept.</summary>
    public bool HasRoom
    {
        get
        {
            // They end in about the order in which they began.
            while (_transactions.TryPeek(out var first) && first.IsTerminated)
                _transactions.Dequeue();
            int bytes = 0;
            foreach (var transaction in _transactions)
                bytes += transaction.KeptBytes;
            return bytes < Most;
        }
    }

    /// <summary>Keeps one more in mind, answered or not yet.</summary>
    public void Add(ServerTransaction transaction) => _transactions.Enqueue(transaction);
}
