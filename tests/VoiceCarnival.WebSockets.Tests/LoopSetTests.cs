using System.ComponentModel;
using VoiceCarnival.Sockets;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>The socket loops on a system that was short of descriptors when the first was needed.</summary>
public sealed class LoopSetTests
{
    private const int TooManyOpenFiles = 24;

    [Fact]
    public void NoneCouldBeMade_TheNextConnectionTriesAgain()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are no socket loops on this system.");
        bool isShort = true;
        var loops = new LoopSet(1, () => isShort ? throw new Win32Exception(TooManyOpenFiles) : new SocketLoop());
        Assert.Throws<Win32Exception>(loops.Next);
        Assert.Throws<Win32Exception>(loops.Next);
        isShort = false;
        Assert.Same(loops.Next(), loops.Next());
    }

    [Fact]
    public void OnlySomeCouldBeMade_TheyServe_UntilThereAreMore()
    {
        Assert.SkipUnless(LoopStream.IsSupported, "There are no socket loops on this system.");
        int left = 1;
        var loops = new LoopSet(2, () => left-- > 0 ? new SocketLoop() : throw new Win32Exception(TooManyOpenFiles));
        var first = loops.Next();
        Assert.Same(first, loops.Next());
        left = 1;
        Assert.Equal(2, new HashSet<SocketLoop>([loops.Next(), loops.Next()]).Count);
    }
}
