using System.Globalization;
using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// Writes messages. Nothing that is written can begin a line of its own: a value with a line end or another control character is refused with an
/// <see cref="ArgumentException"/>; check what comes from outside with <see cref="SipHeader.IsValid"/> first. Used again and again; not thread-safe.
/// </summary>
public sealed class SipWriter
{
    private byte[] _buffer = new byte[2048];
    private int _length;

    /// <summary>Begins a request.</summary>
    public SipWriter Request(string method, string uri)
    {
        _length = 0;
        if (uri.AsSpan().ContainsAny(' ', '\t'))
            throw new ArgumentException("A request URI has no white space.", nameof(uri));
        return Text(method).Bytes(" "u8).Text(uri).Bytes(" SIP/2.0\r\n"u8);
    }

    /// <summary>Begins a request.</summary>
    public SipWriter Request(SipMethod method, string uri) => Request(method.Name(), uri);

    /// <summary>Begins a response.</summary>
    public SipWriter Response(int status, string reason)
    {
        _length = 0;
        return Bytes("SIP/2.0 "u8).Number(status).Bytes(" "u8).Text(reason).Bytes("\r\n"u8);
    }

    /// <summary>Adds a header.</summary>
    public SipWriter Header(SipHeaderName name, string value) => Text(name.Text()).Bytes(": "u8).Text(value).Bytes("\r\n"u8);

    /// <summary>Adds a header.</summary>
    public SipWriter Header(SipHeaderName name, long value) => Text(name.Text()).Bytes(": "u8).Number(value).Bytes("\r\n"u8);

    /// <summary>Adds headers of an application; those that cannot be written are left out.</summary>
    public SipWriter Headers(IEnumerable<SipHeader> headers)
    {
        foreach (var header in headers)
        {
            if (header.IsValid)
                Text(header.Name).Bytes(": "u8).Text(header.Value).Bytes("\r\n"u8);
        }

        return this;
    }

    /// <summary>Copies all lines of a header as they were read.</summary>
    public SipWriter Copy(SipMessage from, SipHeaderName name)
    {
        for (int i = from.IndexOf(name); i >= 0; i = from.IndexOf(name, i + 1))
            Text(name.Text()).Bytes(": "u8).Bytes(from.ValueAt(i)).Bytes("\r\n"u8);
        return this;
    }

    /// <summary>Begins a header of which the value follows in pieces.</summary>
    internal SipWriter Begin(SipHeaderName name) => Text(name.Text()).Bytes(": "u8);

    /// <summary>A piece of a value that was read and checked before.</summary>
    internal SipWriter Piece(ReadOnlySpan<byte> value) => Bytes(value);

    /// <summary>A piece of a value.</summary>
    internal SipWriter Piece(string value) => Text(value);

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    internal SipWriter EndHeader() => Bytes("\r\n"u8);

    /// <summary>Ends the message without a body.</summary>
    /// <returns>The whole message.</returns>
    public byte[] End() => End(null, default);

    /// <summary>Ends the message.</summary>
    /// <param name="contentType">The body's type; null when there is no body.</param>
    /// <param name="body">The body.</param>
    /// <returns>The whole message.</returns>
    public byte[] End(string? contentType, ReadOnlySpan<byte> body)
    {
        if (contentType is not null)
            Header(SipHeaderName.ContentType, contentType);
        Header(SipHeaderName.ContentLength, body.Length).Bytes("\r\n"u8).Bytes(body);
        return _buffer[.._length];
    }

    private SipWriter Text(string text)
    {
        if (!SipText.IsSafe(text))
            throw new ArgumentException("A header has no line ends and no other control characters.", nameof(text));
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
        return this;
    }

    private SipWriter Number(long number)
    {
        Reserve(20);
        number.TryFormat(_buffer.AsSpan(_length), out int written, default, CultureInfo.InvariantCulture);
        _length += written;
        return this;
    }

    private SipWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }
}
