using System.Net;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class AskedAddressesTests
{
    private readonly AskedAddresses _asked = new();

    [Fact]
    public void AddressThatWasAsked_IsKnown_AndNoOther()
    {
        _asked.Note(IPAddress.Parse("192.0.2.1"), 1000);

        Assert.True(_asked.Contains(IPAddress.Parse("192.0.2.1"), 1001));
        Assert.True(_asked.Contains(IPAddress.Parse("::ffff:192.0.2.1"), 1001));
        Assert.False(_asked.Contains(IPAddress.Parse("192.0.2.2"), 1001));
    }

    [Fact]
    public void AddressThatWasAskedLongAgo_IsForgotten()
    {
        var address = IPAddress.Parse("192.0.2.1");
        _asked.Note(address, 1000);

        Assert.True(_asked.Contains(address, 999 + AskedAddresses.Span));
        Assert.False(_asked.Contains(address, 1000 + (2 * AskedAddresses.Span)));
    }

    [Fact]
    public void AddressThatIsAskedAgain_IsKeptFromThen()
    {
        var address = IPAddress.Parse("192.0.2.1");
        _asked.Note(address, 0);
        _asked.Note(address, AskedAddresses.Span - 1);
        _asked.Note(address, AskedAddresses.Span + 1);

        Assert.True(_asked.Contains(address, 2 * AskedAddresses.Span));
    }

    [Fact]
    public void MoreAddressesThanAreKept_DriveOutTheOldest()
    {
        for (int i = 0; i < 10 * AskedAddresses.Most; i++)
            _asked.Note(AddressOf(i), i);

        int known = Enumerable.Range(0, 10 * AskedAddresses.Most).Count(i => _asked.Contains(AddressOf(i), 1_000_000));
        Assert.InRange(known, AskedAddresses.Most, 2 * AskedAddresses.Most);
        Assert.True(_asked.Contains(AddressOf((10 * AskedAddresses.Most) - 1), 1_000_000));
        Assert.False(_asked.Contains(AddressOf(0), 1_000_000));

        static IPAddress AddressOf(int i) => new([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);
    }
}
