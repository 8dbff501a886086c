using Microsoft.Win32.SafeHandles;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>A front end of libsphinxbase: makes features of sound.</summary>
internal sealed class FrontEndHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        _ = PocketSphinxLibrary.FreeFrontEnd(handle);
        return true;
    }
}
