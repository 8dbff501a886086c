namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Chunks without data that wait for the next packet.</summary>
/// <remarks>What is not taken away in time is dropped: floods of requests get no more answers than <see cref="Limit"/>.</remarks>
internal sealed class ControlQueue
{
    private const int Limit = 16;
    private readonly Queue<Control> _controls = new();

    /// <summary>The tag that the next packet has to bear; null when nothing waits.</summary>
    public uint? NextTag => _controls.TryPeek(out var control) ? control.Tag : null;

    /// <summary>Lines up a chunk.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="body">Its body, which is kept.</param>
    /// <param name="tag">The verification tag of its packet.</param>
    /// <param name="isAlone">Nothing else may be in its packet.</param>
    public void Add(SctpChunkType type, byte flags, byte[] body, uint tag, bool isAlone)
    {
        if (_controls.Count < Limit)
            _controls.Enqueue(new Control(type, flags, body, tag, isAlone));
    }

    /// <summary>Adds to a packet what may stand in it.</summary>
    /// <returns>Whether other things may follow.</returns>
    public bool Write(ref SctpPacketWriter writer, uint tag)
    {
        while (_controls.TryPeek(out var control) && control.Tag == tag && (writer.IsEmpty || !control.IsAlone))
        {
            if (!writer.TryAdd(control.Type, control.Flags, control.Body) && !writer.IsEmpty)
                break;
            _controls.Dequeue();
            if (control.IsAlone)
                return false;
        }

        return true;
    }

    /// <summary>Drops what waits.</summary>
    public void Clear() => _controls.Clear();

    private readonly record struct Control(SctpChunkType Type, byte Flags, byte[] Body, uint Tag, bool IsAlone);
}
