using Microsoft.Win32.SafeHandles;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>A decoder of libpocketsphinx.</summary>
internal sealed class PocketSphinxHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        _ = PocketSphinxLibrary.Free(handle);
        return true;
    }
}
