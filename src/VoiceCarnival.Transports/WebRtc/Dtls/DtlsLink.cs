using Org.BouncyCastle.Tls;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// DTLS with one peer after the handshake, without a thread of its own: datagrams are offered, and what was in them is taken at once. Not thread-safe. What goes wrong
/// closes it and does not throw.
/// </summary>
internal sealed class DtlsLink(DtlsTransport transport, DtlsDatagrams datagrams)
{
    // Nobody waits: when no datagram is left, that says so at once. The library looks at its clock after each datagram without data, though, and a thread that was held up
    // would leave the next one lying until another comes.
    private const int LongestRead = 1000;
    private readonly byte[] _plain = new byte[transport.GetReceiveLimit()];
    private bool _hasFailed;

    /// <summary>The peer said goodbye, or DTLS is broken.</summary>
    public bool IsClosed => _hasFailed || datagrams.IsClosed;

    /// <summary>Hands over a datagram; then take what was in it until nothing is left.</summary>
    public void Offer(ReadOnlySpan<byte> datagram) => datagrams.Offer(datagram);

    /// <summary>Takes the next piece of data. The peer's flight that it sent again is answered on the way, as long as ours may have been lost.</summary>
    /// <param name="data">Valid until the next call.</param>
    public bool TryTake(out ReadOnlySpan<byte> data)
    {
        data = default;
        if (IsClosed)
            return false;
        try
        {
            // What is left of the last datagram comes first; a datagram may hold several records.
            int length = transport.ReceivePending(_plain.AsSpan());
            if (length < 0)
                length = Read();
            if (length < 0)
                return false;
            data = _plain.AsSpan(0, length);
            return true;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            _hasFailed = true;
            return false;
        }
    }

    /// <summary>Sends data.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        if (IsClosed)
            return;
        try
        {
            transport.Send(data);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            _hasFailed = true;
        }
    }

    /// <summary>Says goodbye.</summary>
    public void Close()
    {
        if (_hasFailed)
            return;
        try
        {
            transport.Close();
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            _hasFailed = true;
        }
    }

    // What the library throws at bytes that make no sense, beside its own exceptions.
    private static bool IsExpected(Exception exception) => exception is IOException or InvalidOperationException or ArgumentException or IndexOutOfRangeException;

    private int Read()
    {
        // The library would say so by an exception.
        if (!datagrams.HasWaiting)
            return -1;
        try
        {
            return transport.Receive(_plain.AsSpan(), LongestRead);
        }
        catch (TlsTimeoutException)
        {
            // The datagram held no data, or nothing that is genuine.
            return transport.ReceivePending(_plain.AsSpan());
        }
    }
}
