using System.Globalization;
using System.Net;
using System.Text;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>What both sides of a call know of each other (RFC 3261, section 12): names, numbers, and the way there.</summary>
internal sealed class SipDialog
{
    private const int LongestName = 128;
    private readonly List<string> _routes = [];
    private SipPath _path;
    private bool _isPeerElsewhere;

    public SipDialog(string callId, string localTag, string localAddress, string remoteTag, string remoteAddress, SipPath path)
    {
        CallId = callId;
        LocalTag = localTag;
        LocalAddress = localAddress;
        RemoteTag = remoteTag;
        RemoteAddress = remoteAddress;
        _path = path;
    }

    public string CallId { get; }

    public string LocalTag { get; }

    public string RemoteTag { get; }

    /// <summary>From or To without tag.</summary>
    public string LocalAddress { get; }

    public string RemoteAddress { get; }

    public string RemoteTarget { get; private set; } = "";

    public uint LocalSequence { get; set; }

    public uint? RemoteSequence { get; set; }

    /// <summary>The dialog of a request that we answer (section 12.1.1).</summary>
    public static SipDialog OfRequest(SipMessage request, string localTag, SipPath path)
    {
        var dialog = new SipDialog(request.CallId, localTag, AddressOf(request, SipHeaderName.To), request.FromTag, AddressOf(request, SipHeaderName.From), path)
        {
            RemoteSequence = request.CSeq.Number,
        };
        foreach (var value in request.Values(SipHeaderName.RecordRoute))
            dialog._routes.Add(RouteOf(value));
        // A request of RFC 2543 may come without Contact.
        dialog.RemoteTarget = Encoding.UTF8.GetString(request.From.Uri.WithoutHeaders);
        dialog.Refresh(request);
        var via = request.TopVia;
        dialog._isPeerElsewhere = dialog._routes.Count == 0 && !IsSame(via.Host, path.Remote.Address);
        return dialog;
    }

    /// <summary>The dialog of an answer to a request of ours (section 12.1.2).</summary>
    public static SipDialog OfResponse(SipMessage request, SipMessage response, SipPath path)
    {
        var dialog = new SipDialog(request.CallId, request.FromTag, AddressOf(request, SipHeaderName.From), response.ToTag, AddressOf(response, SipHeaderName.To), path)
        {
            LocalSequence = request.CSeq.Number,
        };
        foreach (var value in response.Values(SipHeaderName.RecordRoute))
            dialog._routes.Insert(0, RouteOf(value));
        dialog.RemoteTarget = Encoding.UTF8.GetString(request.Target);
        dialog.Refresh(response);
        return dialog;
    }

    /// <summary>Somebody who was not asked yet.</summary>
    public static SipDialog ToNewPeer(string callId, string localTag, string localAddress, string uri, SipPath path) =>
        new(callId, localTag, localAddress, "", $"<{uri}>", path) { RemoteTarget = uri, _isPeerElsewhere = true };

    /// <summary>The URI in a request's first line.</summary>
    public string RequestUri => FirstStrictRoute() ?? RemoteTarget;

    /// <summary>Takes the peer's Contact (section 12.2).</summary>
    public void Refresh(SipMessage message)
    {
        foreach (var value in message.Values(SipHeaderName.Contact))
        {
            if (NameAddress.TryParse(value, out var contact) && contact.Uri.IsSip)
                RemoteTarget = Encoding.UTF8.GetString(contact.Uri.WithoutHeaders);
            return;
        }
    }

    /// <summary>The peer was heard: what goes to where it called from goes to where that is now, as a translator's ports and a stream's connections change. Not to another address.</summary>
    public void Follow(SipPath path)
    {
        if (path.Transport == _path.Transport && path.Remote.Address.Equals(_path.Remote.Address))
            _path = _path with { Remote = path.Remote, Connection = path.Connection };
    }

    /// <summary>Where the next request goes: the first route or the peer, and by the connection that is there when it is of that kind.</summary>
    public SipTarget NextHop()
    {
        string next = RemoteTarget;
        if (_routes.Count > 0 && NameAddress.TryParse(Encoding.UTF8.GetBytes(_routes[0]), out var route))
            next = Encoding.UTF8.GetString(route.Uri.Text);
        if (_isPeerElsewhere || !SipUri.TryParse(Encoding.UTF8.GetBytes(next), out var uri) || SipRoute.TargetOf(uri, _path.Transport) is not { } target)
            return _path.Back;
        return target.Transport == _path.Transport ? target with { Connection = _path.Connection } : target;
    }

    /// <summary>The lines of a request up to CSeq (section 12.2.1.1). The first route without <c>lr</c> takes the place of the peer's URI.</summary>
    public void BeginRequest(SipWriter writer, SipMethod method, uint sequence, string branch)
    {
        string uri = RemoteTarget;
        var routes = _routes.ToList();
        if (FirstStrictRoute() is { } strict)
        {
            uri = strict;
            routes.RemoveAt(0);
            routes.Add($"<{RemoteTarget}>");
        }

        // By the transport that it really takes (section 18.1.1), which the peer's address may have chosen.
        writer.Request(method, uri).Header(SipHeaderName.Via, SipRoute.Via(_path with { Transport = NextHop().Transport }, branch));
        foreach (string route in routes)
            writer.Header(SipHeaderName.Route, route);
        writer.Header(SipHeaderName.MaxForwards, 70);
        writer.Header(SipHeaderName.From, $"{LocalAddress};tag={LocalTag}");
        writer.Header(SipHeaderName.To, RemoteTag.Length == 0 ? RemoteAddress : $"{RemoteAddress};tag={RemoteTag}");
        writer.Header(SipHeaderName.CallId, CallId);
        writer.Header(SipHeaderName.CSeq, string.Create(CultureInfo.InvariantCulture, $"{sequence} {method.Name()}"));
    }

    private string? FirstStrictRoute() =>
        _routes.Count > 0 && NameAddress.TryParse(Encoding.UTF8.GetBytes(_routes[0]), out var first) && !first.Uri.Parameters.Has("lr"u8)
            ? Encoding.UTF8.GetString(first.Uri.WithoutHeaders)
            : null;

    /// <summary>From or To without its tag, as a new line has it.</summary>
    private static string AddressOf(SipMessage message, SipHeaderName name)
    {
        if (!NameAddress.TryParse(message.Get(name), out var address))
            return "<sip:anonymous@anonymous.invalid>";
        string uri = $"<{Encoding.UTF8.GetString(address.Uri.Text)}>";
        return address.NameText is { Length: <= LongestName } text ? $"{SipText.Quote(text)} {uri}" : uri;
    }

    /// <summary>The address and parameters of a route; of a name, and of what cannot be written, nothing is needed.</summary>
    private static string RouteOf(ReadOnlySpan<byte> value)
    {
        if (!NameAddress.TryParse(value, out var route))
            return "";
        string parameters = SipText.Unfold(route.Parameters.Text);
        return $"<{Encoding.UTF8.GetString(route.Uri.Text)}>{(Ascii.IsValid(parameters) && SipText.IsSafe(parameters) ? parameters : "")}";
    }

    private static bool IsSame(ReadOnlySpan<byte> host, IPAddress address) =>
        !IPAddress.TryParse(Encoding.ASCII.GetString(host).Trim('[', ']'), out var stated) || stated.Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
