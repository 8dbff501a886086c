using System.Buffers;
using System.Buffers.Text;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// The caller's audio of the turn under way, up to a bound: an upstream that breaks takes it along before it is answered, so the next one gets it
/// again. Holds nothing between turns.
/// </summary>
internal sealed class TurnAudio(int capacity)
{
    private byte[] _bytes = [];

    /// <summary>Bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>The audio is being gathered.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The audio so far, the newest when there was more than the bound.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>A turn begins.</summary>
    public void Open()
    {
        Clear();
        IsOpen = true;
    }

    /// <summary>The turn was committed; its audio stays until it is answered.</summary>
    public void Close() => IsOpen = false;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
        IsOpen = false;
    }

    /// <summary>Adds raw audio.</summary>
    public void Add(ReadOnlySpan<byte> audio)
    {
        if (audio.Length > capacity)
            audio = audio[^capacity..];
        int drop = Math.Max(0, Length + audio.Length - capacity);
        if (drop > 0)
        {
            _bytes.AsSpan(drop, Length - drop).CopyTo(_bytes);
            Length -= drop;
        }

        if (_bytes.Length < Length + audio.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + audio.Length, Math.Min(capacity, _bytes.Length * 2)));
            Bytes.CopyTo(larger);
            if (_bytes.Length > 0)
                ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        audio.CopyTo(_bytes.AsSpan(Length));
        Length += audio.Length;
    }

    /// <summary>Adds audio that is base64 text; text that is not is left out.</summary>
    public void AddBase64(ReadOnlySpan<byte> base64)
    {
        var audio = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (Base64.DecodeFromUtf8(base64, audio, out _, out int length) == OperationStatus.Done)
            Add(audio.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(audio);
    }
}
