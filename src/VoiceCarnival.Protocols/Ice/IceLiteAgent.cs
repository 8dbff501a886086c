using System.Text;
using VoiceCarnival.Protocols.Stun;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>
/// The lite side of ICE with one peer (RFC 8445, section 2.5): it sends no checks, answers those of the peer, learns the peer's addresses from them, and
/// sends where the peer nominates. Consent (RFC 7675) is what the peer's checks give. Not thread-safe; after each input take all events.
/// </summary>
/// <remarks>
/// Checks are judged from cheap to dear: message type, username, then the HMAC. Some peers put USE-CANDIDATE into every check to a lite agent, so among nominated paths the highest
/// priority wins, unless it has been silent. Others, libwebrtc among them, put it into those on the path of their choice only: one whose checks came without it until now is where the
/// peer has turned to, whatever its priority.
/// </remarks>
public sealed class IceLiteAgent
{
    private const int RoleConflict = 487;
    private readonly IceOptions _options;
    private readonly List<Candidate> _paths = [];
    private readonly Queue<IceEvent> _events = new();
    private Generation _current;
    private Generation? _former;
    private Candidate? _selected;
    private TimeSpan _waitingSince;

    /// <summary>Begins to wait for checks.</summary>
    public IceLiteAgent(IceCredentials local, IceCredentials remote, IceOptions options, TimeSpan now)
    {
        _options = options;
        _current = new Generation(local, remote);
        _waitingSince = now;
    }

    /// <summary>Our credentials, since the last restart.</summary>
    public IceCredentials Local => _current.Local;

    /// <summary>Those of before the restart that is not through yet, taken along the paths of then; null when there is none.</summary>
    public IceCredentials? Former => _former?.Local;

    /// <summary>How far it is.</summary>
    public IceState State { get; private set; }

    /// <summary>Where to send; null while nothing may be sent.</summary>
    public IcePath? Selected => State is IceState.Connected or IceState.Disconnected ? _selected?.Path : null;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline => State switch
    {
        IceState.Waiting => _waitingSince + _options.FirstCheck,
        IceState.Connected => _selected!.LastCheck + _options.Silence,
        IceState.Disconnected => LastCheck + _options.Consent,
        _ => null,
    };

    private TimeSpan LastCheck
    {
        get
        {
            var last = _waitingSince;
            foreach (var path in _paths)
                last = path.LastCheck > last ? path.LastCheck : last;
            return last;
        }
    }

    /// <summary>Takes the next event.</summary>
    public bool TryTakeEvent(out IceEvent iceEvent) => _events.TryDequeue(out iceEvent);

    /// <summary>Whether something from there is the peer's: a check has come from there.</summary>
    public bool Knows(in IcePath path) => Find(path) is not null;

    /// <summary>Receives a STUN message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Where it came in, and from where; the answer goes back there.</param>
    /// <param name="now">The caller's clock.</param>
    /// <param name="answer">Where to write the answer; <see cref="StunMessage.MaxLength"/> bytes are enough.</param>
    /// <param name="length">Bytes of the answer, 0 when there is none.</param>
    public IceCheckOutcome Receive(in StunMessage message, in IcePath from, TimeSpan now, Span<byte> answer, out int length)
    {
        length = 0;
        if (message.Class != StunClass.Request || message.Method != StunMethod.Binding)
            return IceCheckOutcome.Ignored;
        if (!IceUsername.TryRead(message, out var receiver, out var sender))
            return Refuse(message, 400, "Bad Request", null, answer, out length);
        if (GenerationOf(receiver, sender) is not { } generation)
            return IceCheckOutcome.Ignored;
        if (!message.HasIntegrity)
            return Refuse(message, 400, "Bad Request", null, answer, out length);
        if (!message.HasValidIntegrity(generation.Local.Key))
            return Refuse(message, 401, "Unauthenticated", null, answer, out length);

        Span<StunAttributeType> unknown = stackalloc StunAttributeType[8];
        int unknownCount = message.CopyUnknownRequired(unknown);
        if (unknownCount > 0)
            return RefuseUnknown(message, unknown[..unknownCount], generation.Local, answer, out length);
        // A lite agent is always the controlled one (section 6.1.1), so a peer that takes itself for that has to change (section 7.3.1.1).
        if (message.TryGet(StunAttributeType.IceControlled, out _))
            return Refuse(message, RoleConflict, "Role Conflict", generation.Local, answer, out length);

        if (!TryAccept(message, from, generation, now))
            return IceCheckOutcome.Ignored;
        var writer = new StunWriter(answer, StunClass.Success, StunMethod.Binding, message.TransactionId);
        writer.AddXorMappedAddress(from.Remote);
        writer.AddMessageIntegrity(generation.Local.Key);
        writer.AddFingerprint();
        length = writer.Length;
        return IceCheckOutcome.Accepted;
    }

    /// <summary>
    /// Begins a restart (section 9): new credentials of both sides. Until the peer has nominated a path under the new ones, media goes on along the old path
    /// and the old credentials are taken there.
    /// </summary>
    public void Restart(IceCredentials local, IceCredentials remote, TimeSpan now)
    {
        // What the peer is reached by now stays, whatever restarts came to nothing since: their answers may have been lost.
        _former = State == IceState.Failed ? null : _selected?.Generation ?? _current;
        _current = new Generation(local, remote);
        _waitingSince = now;
        if (State == IceState.Failed)
            State = IceState.Waiting;
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (State == IceState.Waiting && now >= _waitingSince + _options.FirstCheck)
            Fail();
        if (State == IceState.Connected && now >= _selected!.LastCheck + _options.Silence && !TrySelectAnother(now))
        {
            State = IceState.Disconnected;
            _events.Enqueue(new IceEvent(IceEventKind.Disconnected, _selected.Path));
        }

        if (State == IceState.Disconnected && now >= LastCheck + _options.Consent)
            Fail();
    }

    private Generation? GenerationOf(ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> sender)
    {
        if (_current.Is(receiver, sender))
            return _current;
        return _former is { } former && former.Is(receiver, sender) ? former : null;
    }

    // A yes to what is not taken would have the peer believe in a path that nobody here knows.
    private bool TryAccept(in StunMessage message, in IcePath from, Generation generation, TimeSpan now)
    {
        if (State == IceState.Failed)
            return false;
        var path = Find(from);
        if (path is null)
        {
            if (generation != _current)
                return false;
            path = Add(from);
        }

        path.LastCheck = now;
        path.Priority = message.GetUInt32(StunAttributeType.Priority) ?? 0;
        // A restart begins with nothing chosen, also where the path is an old one (section 9).
        if (generation == _current && path.Generation != _current)
            path.Renew(_current);
        bool turnsHere = path.Generation == generation && path.Take(nominates: message.TryGet(StunAttributeType.UseCandidate, out _), isSelected: path == _selected);
        if (IsBetter(path, now) || (turnsHere && path != _selected && path.Generation == _selected?.Generation))
            Select(path);
        if (State == IceState.Disconnected && path == _selected)
        {
            State = IceState.Connected;
            _events.Enqueue(new IceEvent(IceEventKind.Reconnected, path.Path));
        }

        return true;
    }

    /// <summary>Whether to send on this path from now on.</summary>
    private bool IsBetter(Candidate path, TimeSpan now)
    {
        if (_selected is not { } selected)
            return true;
        if (path == selected)
            return _former is not null && path.IsNominated && path.Generation == _current;
        if (path.IsNominated && path.Generation == _current && selected.Generation != _current)
            return true;
        if (path.Generation != selected.Generation)
            return false;
        if (now - selected.LastCheck >= _options.Silence)
            return true;
        return path.IsNominated && (!selected.IsNominated || path.Priority >= selected.Priority);
    }

    private void Select(Candidate path)
    {
        bool same = path == _selected;
        _selected = path;
        State = IceState.Connected;
        if (!same)
            _events.Enqueue(new IceEvent(IceEventKind.PathSelected, path.Path));
        if (_former is null || !path.IsNominated || path.Generation != _current)
            return;
        _former = null;
        for (int i = _paths.Count - 1; i >= 0; i--)
        {
            if (_paths[i].Generation != _current)
                Remove(_paths[i]);
        }

        _events.Enqueue(new IceEvent(IceEventKind.Restarted, path.Path));
    }

    private bool TrySelectAnother(TimeSpan now)
    {
        Candidate? best = null;
        foreach (var path in _paths)
        {
            if (now - path.LastCheck >= _options.Silence)
                continue;
            if (best is null || (path.IsNominated, path.Priority).CompareTo((best.IsNominated, best.Priority)) > 0)
                best = path;
        }

        if (best is not null)
            Select(best);
        return best is not null;
    }

    private Candidate? Find(in IcePath path)
    {
        foreach (var known in _paths)
        {
            if (known.Path.Equals(path))
                return known;
        }

        return null;
    }

    private Candidate Add(in IcePath path)
    {
        if (_paths.Count >= _options.MaxPaths)
            Remove(_paths.Where(p => p != _selected).MinBy(p => p.LastCheck)!);
        var added = new Candidate(path, _current);
        _paths.Add(added);
        _events.Enqueue(new IceEvent(IceEventKind.PathAdded, path));
        return added;
    }

    private void Remove(Candidate path)
    {
        _paths.Remove(path);
        _events.Enqueue(new IceEvent(IceEventKind.PathRemoved, path.Path));
    }

    private void Fail()
    {
        State = IceState.Failed;
        _former = null;
        _selected = null;
        while (_paths.Count > 0)
            Remove(_paths[^1]);
        _events.Enqueue(new IceEvent(IceEventKind.Failed, default));
    }

    private static IceCheckOutcome Refuse(in StunMessage message, int code, string reason, IceCredentials? signer, Span<byte> answer, out int length)
    {
        var writer = new StunWriter(answer, StunClass.Error, StunMethod.Binding, message.TransactionId);
        writer.AddErrorCode(code, reason);
        // 400 and 401 go out unsigned: there is no key that both would know (RFC 8489, section 9.1.3).
        if (signer is not null)
            writer.AddMessageIntegrity(signer.Key);
        writer.AddFingerprint();
        length = writer.Length;
        return IceCheckOutcome.Refused;
    }

    private static IceCheckOutcome RefuseUnknown(
        in StunMessage message, ReadOnlySpan<StunAttributeType> unknown, IceCredentials signer, Span<byte> answer, out int length)
    {
        var writer = new StunWriter(answer, StunClass.Error, StunMethod.Binding, message.TransactionId);
        writer.AddErrorCode(420, "Unknown Attribute");
        writer.AddUnknownAttributes(unknown);
        writer.AddMessageIntegrity(signer.Key);
        writer.AddFingerprint();
        length = writer.Length;
        return IceCheckOutcome.Refused;
    }

    /// <summary>The credentials of both sides between two restarts.</summary>
    private sealed class Generation(IceCredentials local, IceCredentials remote)
    {
        private readonly byte[] _receiver = Encoding.ASCII.GetBytes(local.Ufrag);
        private readonly byte[] _sender = Encoding.ASCII.GetBytes(remote.Ufrag);

        public IceCredentials Local { get; } = local;

        public bool Is(ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> sender) => receiver.SequenceEqual(_receiver) && sender.SequenceEqual(_sender);
    }

    /// <summary>A path on which a check has come.</summary>
    private sealed class Candidate(IcePath path, Generation generation)
    {
        public IcePath Path { get; } = path;

        public Generation Generation { get; private set; } = generation;

        public TimeSpan LastCheck { get; set; }

        public uint Priority { get; set; }

        public bool IsNominated { get; private set; }

        // Whether the last check had USE-CANDIDATE; null before the first.
        private bool? Nominated { get; set; }

        public void Renew(Generation generation) => (Generation, IsNominated, Nominated) = (generation, false, null);

        /// <summary>A check has come.</summary>
        /// <returns>It is the first with USE-CANDIDATE after one without: the peer has turned to this path.</returns>
        public bool Take(bool nominates, bool isSelected)
        {
            bool turnsHere = nominates && Nominated == false;
            Nominated = nominates;
            // Who nominates once does not say so again on the path that is in use; elsewhere it means that the peer has gone.
            IsNominated = nominates || (IsNominated && isSelected);
            return turnsHere;
        }
    }
}
