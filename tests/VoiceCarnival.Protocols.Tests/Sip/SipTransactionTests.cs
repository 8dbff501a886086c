using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>RFC 3261, section 17, and RFC 6026, on a virtual clock.</summary>
public sealed class SipTransactionTests
{
    [Fact]
    public void UnansweredInvite_IsSentSevenTimesAndGivenUpAfter32Seconds()
    {
        var rig = new TransactionRig();
        rig.Layer.Request(TransactionRig.Request("INVITE"), rig.Target, rig, rig.Now);

        rig.Run(100);

        Assert.Equal(["0 INVITE", "0.5 INVITE", "1.5 INVITE", "3.5 INVITE", "7.5 INVITE", "15.5 INVITE", "31.5 INVITE"], rig.Sent);
        Assert.Equal(["32 failed 408"], rig.Told);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Fact]
    public void UnansweredRequest_IsSentElevenTimesAndGivenUpAfter32Seconds()
    {
        var rig = new TransactionRig();
        rig.Layer.Request(TransactionRig.Request("OPTIONS"), rig.Target, rig, rig.Now);

        rig.Run(100);

        Assert.Equal(["0", "0.5", "1.5", "3.5", "7.5", "11.5", "15.5", "19.5", "23.5", "27.5", "31.5"], rig.Sent.Select(sent => sent.Split(' ')[0]));
        Assert.Equal(["32 failed 408"], rig.Told);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("BYE")]
    public void OverAStream_NothingIsSentTwice(string method)
    {
        var rig = new TransactionRig(SipTransport.Tcp);
        rig.Layer.Request(TransactionRig.Request(method), rig.Target, rig, rig.Now);

        rig.Run(100);

        Assert.Equal([$"0 {method}"], rig.Sent);
        Assert.Equal(["32 failed 408"], rig.Told);
    }

    [Fact]
    public void ProvisionalResponse_StopsTheInviteAndSlowsOthers()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        var bye = TransactionRig.Request("BYE", "z9hG4bKb");
        rig.Layer.Request(invite, rig.Target, rig, rig.Now);
        rig.Layer.Request(bye, rig.Target, rig, rig.Now);
        rig.Run(0.1);

        Assert.True(rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 180), rig.Now));
        Assert.True(rig.Layer.TryReceiveResponse(TransactionRig.Response(bye, 100), rig.Now));
        rig.Run(200);

        Assert.Equal(["0 INVITE", "0 BYE", "0.5 BYE", "4.5 BYE", "8.5 BYE", "12.5 BYE", "16.5 BYE", "20.5 BYE", "24.5 BYE", "28.5 BYE"], rig.Sent);
        Assert.Equal(["0.1 180", "0.1 100", "32 failed 408"], rig.Told);
        Assert.Equal(1, rig.Layer.Count);
    }

    [Fact]
    public void RefusedInvite_IsAcknowledgedEachTime_AndToldOnce()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        rig.Layer.Request(invite, rig.Target, rig, rig.Now);
        rig.Run(0.1);
        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 486, "other"), rig.Now);
        Assert.True(rig.Layer.TryTakeTransmit(out var transmit));
        Assert.True(SipMessage.TryRead(transmit.Bytes, out var ack, out _));

        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 486, "other"), rig.Now);
        rig.Run(31.9);
        Assert.Equal(1, rig.Layer.Count);
        rig.Run(1);

        Assert.Equal((SipMethod.Ack, "other", "z9hG4bKa"), (ack.Method, ack.ToTag, System.Text.Encoding.ASCII.GetString(ack.TopVia.Branch)));
        Assert.Equal("<sip:p;lr>", ack.GetText(SipHeaderName.Route));
        Assert.Equal("1 ACK", ack.GetText(SipHeaderName.CSeq));
        Assert.Equal(["0 INVITE", "0.1 ACK"], rig.Sent);
        Assert.Equal(["0.1 486"], rig.Told);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Fact]
    public void AcceptedInvite_TellsEachSuccess_OfEachForkToo()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        rig.Layer.Request(invite, rig.Target, rig, rig.Now);
        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 200, "one"), rig.Now);
        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 200, "two"), rig.Now);
        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 486, "three"), rig.Now);
        rig.Run(31);
        rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 200, "one"), rig.Now);
        rig.Run(2);

        Assert.Equal(["0 200", "0 200", "31 200"], rig.Told);
        Assert.Equal(["0 INVITE"], rig.Sent);
        Assert.False(rig.Layer.TryReceiveResponse(TransactionRig.Response(invite, 200, "one"), rig.Now));
    }

    [Fact]
    public void UnansweredInviteOfThePeer_GetsTryingAfter200Milliseconds_AndAgainForEachCopy()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        rig.Receive(invite);
        rig.Run(0.5);
        Assert.True(rig.Layer.TryReceiveRequest(TransactionRig.Request("INVITE"), rig.Now));
        rig.Run(1);

        Assert.Equal(["0.2 100", "0.5 100"], rig.Sent);
    }

    [Fact]
    public void QuickAnswer_NeedsNoTrying_AndCopiesGetItAgain()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        var transaction = rig.Receive(invite);
        rig.Layer.Respond(transaction, 180, TransactionRig.Bytes(invite, 180), rig.Now);
        rig.Run(1);
        rig.Layer.TryReceiveRequest(TransactionRig.Request("INVITE"), rig.Now);
        rig.Layer.Respond(transaction, 200, TransactionRig.Bytes(invite, 200), rig.Now);
        rig.Layer.TryReceiveRequest(TransactionRig.Request("INVITE"), rig.Now);
        rig.Run(1);

        // After 200 copies are absorbed: the user repeats it (RFC 6026).
        Assert.Equal(["0 180", "1 180", "1 200"], rig.Sent);
        rig.Layer.Respond(transaction, 200, TransactionRig.Bytes(invite, 200), rig.Now);
        rig.Run(40);
        Assert.Equal("2 200", rig.Sent[^1]);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Fact]
    public void RefusalWithoutAck_IsRepeatedFor32Seconds()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE");
        rig.Layer.Respond(rig.Receive(invite), 486, TransactionRig.Bytes(invite, 486), rig.Now);

        rig.Run(100);

        Assert.Equal(["0", "0.5", "1.5", "3.5", "7.5", "11.5", "15.5", "19.5", "23.5", "27.5", "31.5"], rig.Sent.Select(sent => sent.Split(' ')[0]));
        Assert.Equal(0, rig.Layer.Count);
    }

    [Theory]
    [InlineData("z9hG4bKa")]
    [InlineData("")] // RFC 2543
    [InlineData("z9hG4bK")] // RFC 4475, section 3.2.1
    public void AckOfARefusal_EndsIt(string branch)
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE", branch);
        rig.Layer.Respond(rig.Receive(invite), 486, TransactionRig.Bytes(invite, 486), rig.Now);
        rig.Run(0.1);

        Assert.True(rig.Layer.TryReceiveRequest(TransactionRig.Request("ACK", branch, "t"), rig.Now));
        rig.Run(4.9);
        Assert.True(rig.Layer.TryReceiveRequest(TransactionRig.Request("INVITE", branch), rig.Now));
        rig.Run(1);

        Assert.Equal(["0 486"], rig.Sent);
        Assert.Empty(rig.Told);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Fact]
    public void AckOfASuccess_IsNotTheTransactions()
    {
        var rig = new TransactionRig();
        var invite = TransactionRig.Request("INVITE", "");
        rig.Layer.Respond(rig.Receive(invite), 200, TransactionRig.Bytes(invite, 200), rig.Now);

        Assert.False(rig.Layer.TryReceiveRequest(TransactionRig.Request("ACK", "", "t"), rig.Now));
    }

    [Fact]
    public void AnsweredRequest_IsAnsweredAgainFor32Seconds()
    {
        var rig = new TransactionRig();
        var bye = TransactionRig.Request("BYE");
        rig.Layer.Respond(rig.Receive(bye), 200, TransactionRig.Bytes(bye, 200), rig.Now);
        rig.Run(31);
        Assert.True(rig.Layer.TryReceiveRequest(TransactionRig.Request("BYE"), rig.Now));
        rig.Run(2);

        Assert.Equal(["0 200", "31 200"], rig.Sent);
        Assert.False(rig.Layer.TryReceiveRequest(TransactionRig.Request("BYE"), rig.Now));
    }

    [Fact]
    public void OtherBranchSenderOrMethod_IsAnotherTransaction()
    {
        var rig = new TransactionRig();
        rig.Receive(TransactionRig.Request("INVITE"));

        Assert.False(rig.Layer.TryReceiveRequest(TransactionRig.Request("INVITE", "z9hG4bKb"), rig.Now));
        Assert.False(rig.Layer.TryReceiveRequest(TransactionRig.Request("CANCEL"), rig.Now));
        Assert.NotNull(rig.Layer.FindInvite(TransactionRig.Request("CANCEL")));
        Assert.Null(rig.Layer.FindInvite(TransactionRig.Request("CANCEL", "z9hG4bKb")));
    }

    [Fact]
    public void FailedSending_IsToldOnce_AsUnavailable()
    {
        var rig = new TransactionRig(SipTransport.Tcp);
        rig.Layer.Request(TransactionRig.Request("OPTIONS"), rig.Target, rig, rig.Now);
        Assert.True(rig.Layer.TryTakeTransmit(out var transmit));

        rig.Layer.OnSendFailed(transmit, rig.Now);
        rig.Layer.OnSendFailed(transmit, rig.Now);

        Assert.Equal(["0 failed 503"], rig.Told);
        Assert.Equal(0, rig.Layer.Count);
    }

    [Fact]
    public void ManyTransactions_LeaveNothingBehind()
    {
        var rig = new TransactionRig();
        for (int i = 0; i < 1000; i++)
        {
            var request = TransactionRig.Request("OPTIONS", "z9hG4bK" + i);
            rig.Layer.Respond(rig.Receive(request), 200, TransactionRig.Bytes(request, 200), rig.Now);
            rig.Run(0.01);
        }

        Assert.Equal(1000, rig.Layer.Count);
        rig.Run(40);
        Assert.Equal(0, rig.Layer.Count);
        Assert.Null(rig.Layer.NextDeadline);
    }
}
