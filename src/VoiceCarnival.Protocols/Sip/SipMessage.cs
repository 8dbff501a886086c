using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// A request or response (RFC 3261, section 7): where its parts are in the bytes it was read from, which must not change as long as it is used. Values are
/// looked into when asked for; those that every message needs have been checked.
/// </summary>
public sealed class SipMessage
{
    private readonly Line[] _lines;
    private readonly Range _method;
    private readonly Range _target;
    private readonly Range _body;
    // One bit for each header's name: whether it is there, and whether it is there again.
    private readonly ulong _present;
    private readonly ulong _repeated;
    private ReadOnlyMemory<byte> _bytes;
    private string? _callId;

    internal SipMessage(ReadOnlyMemory<byte> bytes, in StartLine start, ReadOnlySpan<Line> lines, Range body)
    {
        _bytes = bytes;
        _method = start.Method;
        _target = start.Target;
        _body = body;
        _lines = lines.ToArray();
        foreach (ref readonly var line in lines)
        {
            ulong bit = 1UL << (int)line.Name;
            _repeated |= _present & bit;
            _present |= bit;
        }

        Status = start.Status;
        Method = start.Status == 0 ? SipMethods.Find(bytes.Span[start.Method]) : SipMethod.Other;
    }

    /// <summary>All its bytes, as they are on the wire.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>It is a request.</summary>
    public bool IsRequest => Status == 0;

    /// <summary>The status of a response, 100 to 699; 0 in a request.</summary>
    public int Status { get; }

    /// <summary>The method of a request.</summary>
    public SipMethod Method { get; }

    /// <summary>The method's name, of a request.</summary>
    public ReadOnlySpan<byte> MethodName => _bytes.Span[_method];

    /// <summary>The request URI; in a response the reason phrase.</summary>
    public ReadOnlySpan<byte> Target => _bytes.Span[_target];

    /// <summary>The reason phrase of a response.</summary>
    public string Reason => SipText.Unfold(Target);

    /// <summary>The body; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body => _bytes[_body];

    /// <summary>How many header lines there are.</summary>
    public int HeaderCount => _lines.Length;

    /// <summary>What names the call, or the registration. Bytes compare, not letters.</summary>
    public string CallId => _callId ??= TryGet(SipHeaderName.CallId, out var value) ? Encoding.Latin1.GetString(value) : "";

    /// <summary>From; checked when the message was read.</summary>
    public NameAddress From => NameAddress.TryParse(Get(SipHeaderName.From), out var from) ? from : default;

    /// <summary>To; checked when the message was read.</summary>
    public NameAddress To => NameAddress.TryParse(Get(SipHeaderName.To), out var to) ? to : default;

    /// <summary>CSeq; checked when the message was read.</summary>
    public CSeq CSeq => CSeq.TryParse(Get(SipHeaderName.CSeq), out var cseq) ? cseq : default;

    /// <summary>The topmost Via; checked when the message was read.</summary>
    public Via TopVia
    {
        get
        {
            foreach (var value in Values(SipHeaderName.Via))
                return Via.TryParse(value, out var via) ? via : default;
            return default;
        }
    }

    /// <summary>The tag of From; empty when there is none.</summary>
    public string FromTag => Encoding.Latin1.GetString(From.Tag);

    /// <summary>The tag of To; empty when there is none.</summary>
    public string ToTag => Encoding.Latin1.GetString(To.Tag);

    /// <summary>Reads a message that fills a datagram, or a message cut from a stream by <see cref="SipStreamReader"/>.</summary>
    /// <param name="bytes">The bytes; the message keeps them.</param>
    /// <param name="message">
    /// The message. With a fault it is still given when enough was read to answer a request with <see cref="SipFault.Status"/>; it is good for nothing else then.
    /// </param>
    /// <param name="fault">What is wrong.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SipMessage? message, [NotNullWhen(false)] out SipFault? fault)
    {
        fault = SipReader.Read(bytes, out message);
        return fault is null;
    }

    /// <summary>Copies the bytes, so that the caller may use his buffer again.</summary>
    public void KeepBytes() => _bytes = _bytes.ToArray();

    /// <summary>Whether there is a header.</summary>
    public bool Has(SipHeaderName name) => IndexOf(name) >= 0;

    /// <summary>The value of the first line of a header, folds included, without white space around it.</summary>
    public bool TryGet(SipHeaderName name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(name);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <summary>The same; empty when there is none.</summary>
    public ReadOnlySpan<byte> Get(SipHeaderName name) => TryGet(name, out var value) ? value : default;

    /// <summary>The same as text; null when there is none.</summary>
    public string? GetText(SipHeaderName name) => TryGet(name, out var value) ? SipText.Unfold(value) : null;

    /// <summary>The number that a header begins with, which parameters or a comment may follow; null when there is none, or none of 32 bits.</summary>
    public uint? GetNumber(SipHeaderName name)
    {
        if (!TryGet(name, out var value))
            return null;
        int end = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return SipText.TryReadNumber(end < 0 ? value : value[..end], out uint number) ? number : null;
    }

    /// <summary>The values of a header, over all its lines.</summary>
    public SipValues Values(SipHeaderName name) => new(this, name);

    /// <summary>Whether a list of tokens, such as Supported or Require, holds one. Upper and lower case are the same.</summary>
    public bool Lists(SipHeaderName name, ReadOnlySpan<byte> token)
    {
        foreach (var value in Values(name))
        {
            if (SipText.EqualsIgnoreCase(value, token))
                return true;
        }

        return false;
    }

    /// <summary>A header as text.</summary>
    /// <param name="index">From 0 to <see cref="HeaderCount"/>.</param>
    public SipHeader HeaderAt(int index) => new(Encoding.ASCII.GetString(_bytes.Span[_lines[index].NameRange]), SipText.Unfold(ValueAt(index)));

    /// <summary>Which header a line is of.</summary>
    public SipHeaderName NameAt(int index) => _lines[index].Name;

    internal bool HasOneVia
    {
        get
        {
            int count = 0;
            foreach (var _ in Values(SipHeaderName.Via))
                count++;
            return count == 1;
        }
    }

    internal int IndexOf(SipHeaderName name, int from = 0)
    {
        if ((_present >> (int)name & 1) == 0)
            return -1;
        for (int i = from; i < _lines.Length; i++)
        {
            if (_lines[i].Name == name)
                return i;
        }

        return -1;
    }

    internal ReadOnlySpan<byte> ValueAt(int index) => _bytes.Span[_lines[index].Value];

    internal ReadOnlySpan<byte> NameTextAt(int index) => _bytes.Span[_lines[index].NameRange];

    internal bool IsRepeated(SipHeaderName name) => (_repeated >> (int)name & 1) != 0;

    /// <summary>Where the parts of the first line are.</summary>
    internal readonly record struct StartLine(Range Method, Range Target, int Status);

    /// <summary>Where the parts of a header line are.</summary>
    internal readonly struct Line(SipHeaderName name, int nameAt, int nameLength, int valueAt, int valueLength)
    {
        private readonly int _nameAt = nameAt;
        private readonly int _valueAt = valueAt;
        private readonly ushort _valueLength = (ushort)valueLength;
        private readonly byte _nameLength = (byte)nameLength;

        public SipHeaderName Name { get; } = name;

        public Range NameRange => _nameAt..(_nameAt + _nameLength);

        public Range Value => _valueAt..(_valueAt + _valueLength);
    }
}
