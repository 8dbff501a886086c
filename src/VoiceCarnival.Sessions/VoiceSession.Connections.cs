using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Sessions;

/// <content>Connections that come, break and come back.</content>
public sealed partial class VoiceSession
{
    /// <summary>
    /// Lets the engine begin before there is a connection, as for a call that rings: sidebands find a session, and what it says is held for the first connection, up to a bound.
    /// </summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_hasBegun || _termination is not null)
                return;
            _hasBegun = true;
            // Those that come later are told how the session began.
            _sidebands ??= new Sidebands();
        }

        _engine!.Start();
    }

    /// <summary>
    /// Attaches the first connection, hands over what was said before it, and lets the engine begin where it has not. When the session has ended meanwhile, the connection is closed instead.
    /// </summary>
    public void Start(VoiceConnection connection)
    {
        SessionTermination? ended;
        bool hasBegun;
        lock (_gate)
        {
            (ended, hasBegun) = (_termination, _hasBegun);
            if (ended is null)
            {
                _connection = connection;
                _hasBegun = true;
                Statistics.DroppedAudioMilliseconds += _held.DroppedAudioMilliseconds;
                _held.DrainTo(connection);
            }
        }

        if (ended is not null)
            connection.Close(ended);
        else if (hasBegun)
            _engine!.ResumeOutput();
        else
            _engine!.Start();
    }

    /// <summary>
    /// Attaches a connection that came back, tells it so, and hands over what was said meanwhile. A connection that is still attached is replaced:
    /// the caller knows better than we do that its old line is dead.
    /// </summary>
    /// <returns>False when the session has ended or its picture could not be kept whole.</returns>
    public bool Resume(VoiceConnection connection)
    {
        VoiceConnection? old;
        lock (_gate)
        {
            if (_termination is not null || _held.Overflowed)
                return false;
            old = _connection;
            _connection = connection;
            DetachedAt = null;
            LastHeardFrom = _time.GetTimestamp();
            Statistics.Resumptions++;
            Statistics.DroppedAudioMilliseconds += _held.DroppedAudioMilliseconds;
            _extensions.WriteResumed(connection, _held.DroppedAudioMilliseconds);
            // A line that plays the audio itself cannot skip what was heard over the one before.
            old?.TakeUndelivered((type, json) => connection.WriteEvent(type, json), (in EngineAudio audio) => connection.WriteAudio(audio), mayRepeat: connection.Media is null);
            _held.DrainTo(connection);
        }

        _metrics.Resumed(_tags);
        old?.Close(new SessionTermination(TerminationKind.CallerClosed, "replaced by a newer connection"));
        _engine!.ResumeOutput();
        return true;
    }

    /// <summary>
    /// The attached connection has come to understand our own events only now, as a data channel tells when it opens: it gets the token by which its caller may come back.
    /// </summary>
    public void OfferResumption(VoiceConnection connection)
    {
        lock (_gate)
        {
            if (_isCreated && ReferenceEquals(_connection, connection))
                _extensions.OnSessionCreated(connection);
        }
    }

    /// <summary>The connection's line is gone. The session waits for the caller to come back when <paramref name="mayResume"/>, else it ends.</summary>
    public void Detach(VoiceConnection connection, SessionTermination termination, bool mayResume)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_connection, connection))
                return; // a newer connection has taken over
            _connection = null;
            DetachedAt = _time.GetTimestamp();
            if (mayResume)
                connection.TakeUndelivered(_held.AddEvent, _held.AddAudio, mayRepeat: true);
        }

        if (!mayResume)
            End(termination);
    }

    /// <summary>Attaches a connection beside the caller's own. Null when the session has ended, is no call, or has as many as it may.</summary>
    /// <param name="connection">Gets every event, the session's present state first, and no audio.</param>
    /// <param name="caller">Who is at it; the policy holds for that one.</param>
    public Sideband? TryAttach(VoiceConnection connection, Caller caller)
    {
        lock (_gate)
        {
            var sideband = new Sideband(this, connection, caller, _rules);
            return _termination is null && _sidebands?.TryAdd(sideband) == true ? sideband : null;
        }
    }

    /// <summary>Lets a sideband go; the session goes on.</summary>
    public void Detach(Sideband sideband)
    {
        lock (_gate)
            _sidebands?.Remove(sideband);
    }
}
