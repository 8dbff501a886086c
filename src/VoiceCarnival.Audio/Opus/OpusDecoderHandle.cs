using Microsoft.Win32.SafeHandles;

namespace VoiceCarnival.Audio.Opus;

/// <summary>A decoder of libopus.</summary>
internal sealed class OpusDecoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        OpusLibrary.DestroyDecoder(handle);
        return true;
    }
}
