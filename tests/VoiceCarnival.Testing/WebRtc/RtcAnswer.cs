using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Sdp;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>What a peer takes out of an answer to connect: whom to ask, where, and whose certificate to expect.</summary>
/// <param name="Ice">The server's credentials.</param>
/// <param name="Fingerprint">Of its certificate.</param>
/// <param name="Candidates">Where it listens.</param>
public sealed record RtcAnswer(IceCredentials Ice, DtlsFingerprint Fingerprint, IReadOnlyList<IceCandidate> Candidates)
{
    /// <summary>Reads an answer.</summary>
    /// <exception cref="InvalidOperationException">Something that a peer needs is not there.</exception>
    public static RtcAnswer Read(string answer)
    {
        if (!SessionDescription.TryRead(answer, out var description, out var error))
            throw new InvalidOperationException("The answer cannot be read: " + error);
        var media = description.Media.First(section => !section.IsRejected);
        if (!IceCredentials.TryCreate(description.Find(media, "ice-ufrag")?.Value ?? "", description.Find(media, "ice-pwd")?.Value ?? "", out var ice))
            throw new InvalidOperationException("The answer has no credentials for ICE:\n" + answer);
        if (!DtlsFingerprint.TryParse(description.Find(media, "fingerprint")?.Value, out var print))
            throw new InvalidOperationException("The answer has no fingerprint:\n" + answer);
        var candidates = new List<IceCandidate>();
        foreach (var line in media.Attributes.All("candidate"))
        {
            if (IceCandidate.TryParse(line.Value, out var candidate))
                candidates.Add(candidate);
        }

        return new RtcAnswer(ice, print, candidates);
    }

    /// <summary>The server's place on this machine: on loopback where it has one there, as ours has.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public IPEndPoint OnThisMachine(IceTransport transport, bool isSix = false)
    {
        var family = isSix ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var places = Candidates.Where(candidate => candidate.Transport == transport && IPAddress.TryParse(candidate.Address, out var address) && address.AddressFamily == family)
            .Select(candidate => new IPEndPoint(IPAddress.Parse(candidate.Address), candidate.Port)).ToList();
        return places.Find(place => IPAddress.IsLoopback(place.Address)) ?? places.FirstOrDefault() ?? throw new InvalidOperationException($"The answer has no {transport} candidate of {family}.");
    }
}
