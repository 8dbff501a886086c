using System.Runtime.InteropServices;

namespace VoiceCarnival.Interop.Tests;

/// <summary>Speaks the sentence in frames of 20 ms, four times as fast as speech, and then is quiet until it is switched off.</summary>
internal sealed class Microphone : IAsyncDisposable
{
    private const int FrameBytes = 960;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _off = new();
    private readonly Task _speaking;

    public Microphone(Func<byte[], Task> send) => _speaking = SpeakAsync(send);

    public async ValueTask DisposeAsync()
    {
        await _off.CancelAsync();
        await _speaking;
        _off.Dispose();
    }

    private async Task SpeakAsync(Func<byte[], Task> send)
    {
        byte[] speech = MemoryMarshal.AsBytes(Conversation.Hello.AsSpan()).ToArray();
        using var timer = new PeriodicTimer(Pause);
        try
        {
            for (int at = 0; await timer.WaitForNextTickAsync(_off.Token); at += FrameBytes)
                await send(at + FrameBytes <= speech.Length ? speech[at..(at + FrameBytes)] : new byte[FrameBytes]);
        }
        catch (OperationCanceledException)
        {
            // switched off
        }
    }
}
