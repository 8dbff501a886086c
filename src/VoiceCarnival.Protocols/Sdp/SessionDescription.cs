using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>A session description (RFC 8866): offer or answer, of a browser or a phone.</summary>
public sealed class SessionDescription
{
    /// <summary>Who made it.</summary>
    public required SdpOrigin Origin { get; init; }

    /// <summary>Its name; a hyphen when it has none.</summary>
    public string Name { get; init; } = "-";

    /// <summary>Where media goes, unless a section says otherwise.</summary>
    public SdpConnection? Connection { get; set; }

    /// <summary>Attributes of the whole, and defaults of the sections.</summary>
    public AttributeLines Attributes { get; init; } = [];

    /// <summary>The media sections, in their order.</summary>
    public List<MediaDescription> Media { get; init; } = [];

    /// <summary>Reads a description. Anything may be in it, so all of it is bounded and nothing throws.</summary>
    /// <returns>Whether it was read; if not, <paramref name="error"/> names the line.</returns>
    public static bool TryRead(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpError? error) =>
        SdpReader.TryRead(text, out description, out error);

    /// <summary>An attribute of a section, or of the session where the section has none.</summary>
    public AttributeLine? Find(MediaDescription media, string name) => media.Attributes[name] ?? Attributes[name];

    /// <summary>Where a section's media goes: by its own word or the session's; null when neither says it.</summary>
    public SdpConnection? ConnectionOf(MediaDescription media) => media.Connection ?? Connection;

    /// <summary>Which way a section's media flows: by its own word, the session's, or both ways.</summary>
    public MediaDirection DirectionOf(MediaDescription media) => media.Direction
        ?? Attributes.Select(attribute => MediaDirections.Find(attribute.Name)).FirstOrDefault(direction => direction is not null)
        ?? MediaDirection.SendReceive;

    /// <summary>The text, its lines ended by CR LF.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        Line('v', "0");
        Line('o', Origin.ToString());
        Line('s', Name);
        if (Connection is { } connection)
            Line('c', connection.ToString());
        Line('t', "0 0");
        AppendAttributes(Attributes);
        foreach (var media in Media)
        {
            Line('m', string.Create(CultureInfo.InvariantCulture, $"{media.Kind} {media.Port} {media.Protocol} {string.Join(' ', media.Formats)}"));
            if (media.Connection is { } own)
                Line('c', own.ToString());
            foreach (string bandwidth in media.Bandwidths)
                Line('b', bandwidth);
            AppendAttributes(media.Attributes);
        }

        return text.ToString();

        void Line(char type, string value) => text.Append(type).Append('=').Append(value).Append("\r\n");

        void AppendAttributes(AttributeLines attributes)
        {
            foreach (var attribute in attributes)
                Line('a', attribute.Value is null ? attribute.Name : $"{attribute.Name}:{attribute.Value}");
        }
    }
}
