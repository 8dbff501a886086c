using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// Resetting streams (RFC 6525), which is how data channels are closed (RFC 8831, section 6.7): we ask that our outgoing ones begin anew, one request at a time,
/// and grant the same to the peer once all it had sent before has arrived.
/// </summary>
internal sealed class StreamResets(uint localTsn, uint peerTsn)
{
    private const int RequestHead = 12;
    private const int MaxStreams = 256;
    private const uint NothingToDo = 0;
    private const uint Performed = 1;
    private const uint Denied = 2;
    private const uint WrongNumber = 5;
    private const uint InProgress = 6;
    private readonly List<ushort> _waiting = [];
    private readonly List<ushort> _requested = [];
    private uint _nextRequest = localTsn;
    private uint _expected = peerTsn;
    private uint _lastResult = NothingToDo;
    private bool _due;

    /// <summary>When an unanswered request goes out again.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Time-outs in a row.</summary>
    public int Timeouts { get; private set; }

    /// <summary>A stream's reset has not been answered: what would be sent on it could belong to the time before or after.</summary>
    public bool IsPending(ushort stream) => _waiting.Contains(stream) || _requested.Contains(stream);

    /// <summary>Notes a stream to be reset.</summary>
    public void Add(ushort stream)
    {
        if (!IsPending(stream))
            _waiting.Add(stream);
    }

    /// <summary>Adds the request that is due.</summary>
    public void Write(ref SctpPacketWriter writer, OutboundData data, TimeSpan now, RoundTripEstimate roundTrip)
    {
        // The request names the last TSN before the reset: so all of these streams must have been sent, or at least have got their TSNs.
        if (_requested.Count == 0 && _waiting.Count > 0)
        {
            for (int i = 0; i < _waiting.Count && _requested.Count < MaxStreams; i++)
            {
                if (!data.HasUnsent(_waiting[i]))
                    _requested.Add(_waiting[i]);
            }

            _waiting.RemoveAll(_requested.Contains);
            _due = _requested.Count > 0;
        }

        if (!_due)
            return;
        int length = RequestHead + 2 * _requested.Count;
        if (!writer.TryAdd(SctpChunkType.ReConfig, 0, SctpParameter.HeaderLength + length, out var body))
            return;
        SctpParameter.WriteHeader(body, SctpParameter.OutgoingReset, length);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], _nextRequest);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], _expected - 1);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], data.LastTsn);
        for (int i = 0; i < _requested.Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(body[(16 + 2 * i)..], _requested[i]);
        _due = false;
        Deadline = now + roundTrip.Timeout(Timeouts);
    }

    /// <summary>No answer has come.</summary>
    public void OnTimeout()
    {
        Timeouts++;
        Deadline = null;
        _due = true;
    }

    /// <summary>Reads a RE-CONFIG chunk.</summary>
    /// <param name="body">Its parameters.</param>
    /// <param name="cumulative">The last TSN of the peer before the first gap.</param>
    /// <param name="answer">Where the body of an answer goes; empty afterwards when there is none.</param>
    /// <param name="resetByPeer">Streams that the peer has reset.</param>
    /// <param name="resetByUs">Streams of ours that are reset.</param>
    public void Receive(ReadOnlySpan<byte> body, uint cumulative, ref Span<byte> answer, List<ushort> resetByPeer, List<ushort> resetByUs)
    {
        int length = 0;
        while (SctpParameter.TryTake(ref body, out var parameter) && answer.Length - length >= 12)
        {
            uint? result = parameter.Type switch
            {
                SctpParameter.OutgoingReset when parameter.Value.Length >= RequestHead => OnOutgoing(parameter.Value, cumulative, resetByPeer),
                SctpParameter.IncomingReset or SctpParameter.AssociationReset or SctpParameter.AddOutgoing or SctpParameter.AddIncoming
                    when parameter.Value.Length >= 4 => Deny(parameter.Value),
                _ => null,
            };
            if (result is { } code)
            {
                SctpParameter.WriteHeader(answer[length..], SctpParameter.ResetResponse, 8);
                parameter.Value[..4].CopyTo(answer[(length + 4)..]);
                BinaryPrimitives.WriteUInt32BigEndian(answer[(length + 8)..], code);
                length += 12;
            }
            else if (parameter.Type == SctpParameter.ResetResponse && parameter.Value.Length >= 8)
            {
                OnResponse(parameter.Value, resetByUs);
            }
        }

        answer = answer[..length];
    }

    private uint OnOutgoing(ReadOnlySpan<byte> request, uint cumulative, List<ushort> resetByPeer)
    {
        uint number = BinaryPrimitives.ReadUInt32BigEndian(request);
        if (number == _expected - 1 && _lastResult != InProgress)
            return _lastResult;
        if (number != _expected && number != _expected - 1)
            return WrongNumber;
        _expected = number + 1;
        // Without a list it means all streams (section 4.1), which data channels never ask for: they are closed one by one.
        if (request.Length < RequestHead + sizeof(ushort))
            return _lastResult = Denied;
        // Data that was sent before the reset belongs to the time before it, and may still be on its way.
        if ((int)(BinaryPrimitives.ReadUInt32BigEndian(request[8..]) - cumulative) > 0)
            return _lastResult = InProgress;
        for (int at = RequestHead; at + 2 <= request.Length; at += 2)
            resetByPeer.Add(BinaryPrimitives.ReadUInt16BigEndian(request[at..]));
        return _lastResult = Performed;
    }

    /// <summary>
    /// The peer asks us to reset our streams, or for something else of RFC 6525 that data channels never want: they close their own side and wait for ours. Without an answer it
    /// would ask until it gives up the association.
    /// </summary>
    private uint Deny(ReadOnlySpan<byte> request)
    {
        uint number = BinaryPrimitives.ReadUInt32BigEndian(request);
        if (number == _expected - 1)
            return _lastResult;
        if (number != _expected)
            return WrongNumber;
        _expected++;
        return _lastResult = Denied;
    }

    private void OnResponse(ReadOnlySpan<byte> response, List<ushort> resetByUs)
    {
        if (_requested.Count == 0 || BinaryPrimitives.ReadUInt32BigEndian(response) != _nextRequest)
            return;
        Timeouts = 0;
        _nextRequest++;
        if (BinaryPrimitives.ReadUInt32BigEndian(response[4..]) == InProgress)
            return; // It goes out again, under the next number, when the timer runs out.
        // Granted or refused: there is nothing more that could be done about them.
        resetByUs.AddRange(_requested);
        _requested.Clear();
        Deadline = null;
        _due = false;
    }
}
