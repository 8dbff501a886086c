using System.Collections.Concurrent;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>The calls of this process by id, ringing ones included. A call leaves with its session.</summary>
public sealed class CallDirectory
{
    private readonly Lock _adding = new();
    private readonly ConcurrentDictionary<string, VoiceCall> _byId = new(StringComparer.Ordinal);

    /// <summary>All calls, a snapshot.</summary>
    public ICollection<VoiceCall> Calls => _byId.Values;

    /// <summary>Finds a call.</summary>
    public VoiceCall? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Enters a call. False when its id is taken, or its owner has <paramref name="mostPerOwner"/> calls already.</summary>
    public bool TryAdd(VoiceCall call, int mostPerOwner = int.MaxValue)
    {
        lock (_adding)
        {
            if (call.HasOwner && _byId.Values.Count(other => other.IsOwnedBy(call.Owner)) >= mostPerOwner)
                return false;
            return _byId.TryAdd(call.Id, call);
        }
    }

    /// <summary>Gives an entered call its session, before that is started or comes back. The call leaves when the session ends, or when another takes its place.</summary>
    public void Begin(VoiceCall call, VoiceSession session)
    {
        if (session.Call is { } former)
            Remove(former);
        call.Session = session;
        if (!session.TryBecome(call, () => Remove(call)))
            Remove(call);
    }

    /// <summary><see cref="Begin"/>, as the <see cref="SessionNaming"/> of a new session.</summary>
    public ValueTask BeginAsync(VoiceCall call, VoiceSession session)
    {
        Begin(call, session);
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes out a call that never got a session.</summary>
    public void Remove(VoiceCall call) => _byId.TryRemove(KeyValuePair.Create(call.Id, call));
}
