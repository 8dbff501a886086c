using System.Net;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Counts calls at a time and new calls in a second, in all and of each address.</summary>
internal sealed class CallRates(SipUserAgentOptions options)
{
    private const int MaxAddresses = 10_000;
    private readonly Dictionary<IPAddress, Share> _shares = [];
    private Share _all;

    /// <summary>Takes a place for a call.</summary>
    /// <param name="address">Who calls; null when we do.</param>
    /// <param name="now">The caller's clock.</param>
    /// <returns>False when there is none left.</returns>
    public bool TryEnter(IPAddress? address, TimeSpan now)
    {
        if (address is null)
            return TryEnterAll(now);
        if (!_shares.ContainsKey(address) && _shares.Count >= MaxAddresses)
            Forget(now);
        var share = _shares.GetValueOrDefault(address);
        _all.Roll(now);
        share.Roll(now);
        bool isOpen = _all.Calls < options.MaxCalls && share.Calls < options.MaxCallsPerAddress
            && _all.Started < options.MaxCallsPerSecond && share.Started < options.MaxCallsPerSecondPerAddress && _shares.Count < MaxAddresses;
        if (isOpen)
        {
            _all.Enter();
            share.Enter();
            _shares[address] = share;
        }

        return isOpen;
    }

    /// <summary>Gives it back.</summary>
    public void Leave(IPAddress? address)
    {
        _all.Calls--;
        if (address is null || !_shares.TryGetValue(address, out var share))
            return;
        share.Calls--;
        if (share.Calls > 0)
            _shares[address] = share;
        else if (_shares.Count > MaxAddresses / 2)
            _shares.Remove(address);
        else
            _shares[address] = share;
    }

    private bool TryEnterAll(TimeSpan now)
    {
        _all.Roll(now);
        bool isOpen = _all.Calls < options.MaxCalls;
        if (isOpen)
            _all.Enter();
        return isOpen;
    }

    private void Forget(TimeSpan now)
    {
        foreach (var (address, share) in _shares)
        {
            if (share.Calls <= 0 && share.Second < Math.Floor(now.TotalSeconds))
                _shares.Remove(address);
        }
    }

    private struct Share
    {
        public int Calls { get; set; }

        public int Started { get; private set; }

        public double Second { get; private set; }

        public void Roll(TimeSpan now)
        {
            double second = Math.Floor(now.TotalSeconds);
            if (second != Second)
                Started = 0;
            Second = second;
        }

        public void Enter()
        {
            Calls++;
            Started++;
        }
    }
}
