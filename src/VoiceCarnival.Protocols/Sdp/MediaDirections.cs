namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Directions as attributes, and what answers what.</summary>
public static class MediaDirections
{
    /// <summary>The attribute's name.</summary>
    public static string Name(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendReceive => "sendrecv",
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.ReceiveOnly => "recvonly",
        _ => "inactive",
    };

    /// <summary>The direction of an attribute's name, or null.</summary>
    public static MediaDirection? Find(string name) => name switch
    {
        "sendrecv" => MediaDirection.SendReceive,
        "sendonly" => MediaDirection.SendOnly,
        "recvonly" => MediaDirection.ReceiveOnly,
        "inactive" => MediaDirection.Inactive,
        _ => null,
    };

    /// <summary>What a willing side answers (RFC 3264, section 6.1).</summary>
    public static MediaDirection Answer(this MediaDirection offered) => offered switch
    {
        MediaDirection.SendOnly => MediaDirection.ReceiveOnly,
        MediaDirection.ReceiveOnly => MediaDirection.SendOnly,
        _ => offered,
    };
}
