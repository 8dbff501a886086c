using System.Net;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Protocols.Tests.Ice;

public sealed class IceCandidateTests
{
    [Theory]
    [InlineData("candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0 network-id 1", "192.168.0.196", IceCandidateType.Host)]
    [InlineData("0 1 UDP 2122187007 8e1f2f1a-36a5-4c49-8a5a-ae3a1b2bd1e9.local 49203 typ host", "8e1f2f1a-36a5-4c49-8a5a-ae3a1b2bd1e9.local", IceCandidateType.Host)]
    [InlineData("2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998", "192.0.2.3", IceCandidateType.ServerReflexive)]
    [InlineData("4 1 udp 41885439 2001:db8::1 50000 typ relay raddr :: rport 0", "2001:db8::1", IceCandidateType.Relay)]
    public void CandidatesOfBrowsersAndTheRfc_AreRead(string line, string address, IceCandidateType type)
    {
        Assert.True(IceCandidate.TryParse(line, out var candidate));
        Assert.Equal((address, type, IceTransport.Udp), (candidate.Address, candidate.Type, candidate.Transport));
        Assert.True(IceCandidate.TryParse(candidate.Format(), out var again));
        Assert.Equal(candidate, again);
    }

    [Fact]
    public void OwnCandidates_AreWritten_UdpBeforeTcp()
    {
        var endPoint = IPEndPoint.Parse("203.0.113.7:5081");
        var udp = IceCandidate.Host(endPoint, IceTransport.Udp, 0);
        var second = IceCandidate.Host(IPEndPoint.Parse("[2001:db8::1]:5081"), IceTransport.Udp, 1);
        var tcp = IceCandidate.Host(endPoint, IceTransport.Tcp, 0);
        Assert.Equal("1 1 udp 2130706431 203.0.113.7 5081 typ host", udp.Format());
        Assert.Equal("2 1 udp 2130706175 2001:db8::1 5081 typ host", second.Format());
        Assert.EndsWith(" typ host tcptype passive", tcp.Format(), StringComparison.Ordinal);
        Assert.True(udp.Priority > second.Priority && second.Priority > tcp.Priority);
        Assert.NotEqual(udp.Foundation, tcp.Foundation);
        Assert.True(IceCandidate.TryParse(tcp.Format(), out var read));
        Assert.Equal(tcp, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 1 udp 1 192.0.2.1 5000 typ")]
    [InlineData("1 0 udp 1 192.0.2.1 5000 typ host")]
    [InlineData("1 257 udp 1 192.0.2.1 5000 typ host")]
    [InlineData("1 1 sctp 1 192.0.2.1 5000 typ host")]
    [InlineData("1 1 udp 4294967296 192.0.2.1 5000 typ host")]
    [InlineData("1 1 udp -1 192.0.2.1 5000 typ host")]
    [InlineData("1 1 udp 1 192.0.2.1 65536 typ host")]
    [InlineData("1 1 udp 1 192.0.2.1 5000 typ moon")]
    [InlineData("1 1 udp 1 192.0.2.1 5000 type host")]
    [InlineData("123456789012345678901234567890123 1 udp 1 192.0.2.1 5000 typ host")]
    public void WhatIsNoCandidate_IsRefused(string line) => Assert.False(IceCandidate.TryParse(line, out _));

    [Fact]
    public void EndlessCandidate_IsRefused() =>
        Assert.False(IceCandidate.TryParse("1 1 udp 1 192.0.2.1 5000 typ host" + string.Concat(Enumerable.Repeat(" a b", 10_000)), out _));
}
