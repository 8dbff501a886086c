using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Reads session descriptions line by line. Strict in form and size; lines of types it does not need are checked for form and skipped.</summary>
internal ref struct SdpReader
{
    private const int MaxLength = 128 * 1024;
    private const int MaxLines = 4000;
    private const int MaxLineLength = 8 * 1024;
    private const int MaxMedia = 64;
    private const int MaxFormats = 128;

    private ReadOnlySpan<char> _rest;
    private int _line;
    private SdpOrigin? _origin;
    private string? _name;
    private SdpConnection? _connection;
    private readonly AttributeLines _attributes = [];
    private readonly List<MediaDescription> _media = [];

    private SdpReader(string text) => _rest = text;

    public static bool TryRead(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpError? error)
    {
        description = null;
        if (text.Length > MaxLength)
        {
            error = new SdpError(0, $"The description is longer than {MaxLength} characters.");
            return false;
        }

        var reader = new SdpReader(text);
        error = reader.Read();
        if (error is null)
        {
            description = new SessionDescription
            {
                Origin = reader._origin!,
                Name = reader._name!,
                Connection = reader._connection,
                Attributes = reader._attributes,
                Media = reader._media,
            };
        }

        return error is null;
    }

    private SdpError? Read()
    {
        while (_rest.Length > 0)
        {
            _line++;
            int end = _rest.IndexOf('\n');
            var line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (line.EndsWith("\r"))
                line = line[..^1];
            // An empty line at the end comes from careful people who end the text by one more line end.
            if (line.Length == 0 && _rest.Length == 0 && _line > 1)
                break;
            if (ReadLine(line) is { } error)
                return error;
        }

        if (_line == 0)
            return new SdpError(0, "The description is empty.");
        if (_origin is null)
            return new SdpError(0, "The o= line is missing.");
        return _name is null ? new SdpError(0, "The s= line is missing.") : null;
    }

    private SdpError? ReadLine(ReadOnlySpan<char> line)
    {
        if (_line > MaxLines || line.Length > MaxLineLength)
            return Error(_line > MaxLines ? $"There are more than {MaxLines} lines." : $"The line is longer than {MaxLineLength} characters.");
        if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]))
            return Error("A line begins with a lower-case letter and an equals sign.");
        foreach (char c in line)
        {
            if (char.IsControl(c) && c != '\t')
                return Error("The line holds a control character.");
        }

        if (_line == 1)
            return line.SequenceEqual("v=0") ? null : Error("The first line has to be v=0.");
        string value = line[2..].ToString();
        switch (line[0])
        {
            case 'v':
                return Error("There is a second v= line.");
            case 'o':
                if (_origin is not null || _media.Count > 0)
                    return Error("There is one o= line, before the media.");
                _origin = SdpOrigin.TryParse(value);
                return _origin is null ? Error("An o= line has a name, two numbers, IN, IP4 or IP6, and an address.") : null;
            case 's':
                if (_name is not null || _media.Count > 0)
                    return Error("There is one s= line, before the media.");
                _name = value.Length == 0 ? "-" : value;
                return null;
            case 'c':
                return ReadConnection(value);
            case 'b':
                if (_media.Count > 0 && _media[^1].Bandwidths.Count < 8)
                    _media[^1].Bandwidths.Add(value);
                return null;
            case 'a':
                return ReadAttribute(value);
            case 'm':
                return ReadMedia(value);
            default:
                return null;
        }
    }

    private readonly SdpError Error(string message) => new(_line, message);

    private SdpError? ReadConnection(string value)
    {
        if (SdpConnection.TryParse(value) is not { } connection)
            return Error("A c= line has IN, IP4 or IP6, and an address.");
        // The first counts; more of them are for layered multicast.
        if (_media.Count == 0)
            _connection ??= connection;
        else
            _media[^1].Connection ??= connection;
        return null;
    }

    private readonly SdpError? ReadAttribute(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? value : value[..colon];
        if (name.Length == 0 || name.Contains(' ', StringComparison.Ordinal))
            return Error("An a= line has a name without blanks, then perhaps a colon and a value.");
        var attributes = _media.Count == 0 ? _attributes : _media[^1].Attributes;
        attributes.Add(new AttributeLine(name, colon < 0 ? null : value[(colon + 1)..].Trim(), _line));
        return null;
    }

    private readonly SdpError? ReadMedia(string value)
    {
        const string Form = "An m= line has a kind, a port from 0 to 65535, a transport and at least one format.";
        var words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4 || words.Length > 3 + MaxFormats || _media.Count == MaxMedia)
            return Error(_media.Count == MaxMedia ? $"There are more than {MaxMedia} media sections." : Form);
        // A count of ports may follow the port; nobody has used it since RFC 3264 said how it cannot work with one answer.
        var port = words[1].AsSpan();
        int slash = port.IndexOf('/');
        if (slash >= 0)
            port = port[..slash];
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            return Error(Form);
        _media.Add(new MediaDescription { Kind = words[0], Port = number, Protocol = words[2], Formats = [.. words[3..]], Line = _line });
        return null;
    }
}
