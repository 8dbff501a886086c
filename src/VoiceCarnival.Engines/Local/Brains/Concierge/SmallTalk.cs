namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>What has an answer of its own, whatever else was said.</summary>
internal static class SmallTalk
{
    private const string Transports =
        "You can reach me in four ways. A web page or a program can use a WebSocket. A browser can use WebRTC, which copes best with a bad line. A phone can call by SIP, when that is switched on. "
        + "And any client of the Realtime protocol works.";

    /// <summary>The answer; null where there is none.</summary>
    public static string? Answer(Words said) => said switch
    {
        _ when said.Has("how are you", "how do you do", "how is it going", "hows it going", "how are things", "how do you feel") => "I am fine, thank you. How can I help you?",
        _ when said.Has("are you there", "are you still there", "can you hear me", "do you hear me", "is anybody there", "is anyone there", "is this working") || said.Is("testing", "test", "hello hello") =>
            "Yes, I am here.",
        _ when said.Has("nice to meet you", "pleased to meet you") => "Nice to meet you, too.",
        _ when said.Has("are you a", "are you an", "are you human", "are you real") =>
            "I am a program, and a small one: the concierge of this voice gateway. There is no language model behind me.",
        _ when said.Has("bye", "goodbye", "good bye", "good night", "see you", "talk to you later", "have a nice day") => "Goodbye. It was nice talking to you.",
        _ when said.Has("thank you", "thanks", "thank") => "You are welcome.",
        _ when said.Is("stop", "be quiet", "quiet", "shut up", "never mind", "cancel", "enough", "thats enough") => "All right.",
        _ when said.Is("yes", "no", "ok", "okay", "all right", "alright", "right", "good", "great", "fine", "cool", "sure", "nothing", "i see", "very good", "wonderful", "perfect") => "All right. What can I do for you?",
        _ when said.Is("hola", "bonjour", "hallo", "guten tag", "ciao", "salut", "buenos dias") || said.Original.Any(static c => c > '\u024f' && char.IsLetter(c)) => "I understand English only.",
        _ => null,
    };

    /// <summary>How one reaches this server, or what one of the ways is; null where that was not asked.</summary>
    public static string? Ways(Words said)
    {
        bool isWebRtc = said.Has("webrtc", "web r t c", "web rtc"), isSocket = said.Has("websocket", "websockets", "web socket", "web sockets"), isPhone = said.Has("sip", "phone", "telephone", "phones");
        if (said.Has("what is", "whats", "what are", "tell me about", "how does", "explain") && (isWebRtc ? 1 : 0) + (isSocket ? 1 : 0) + (isPhone ? 1 : 0) == 1)
        {
            return isWebRtc ? "WebRTC is how browsers make calls. Sound goes in small packets, and one that is lost holds up no other. Choose it in the page before you press the button."
                : isSocket ? "A WebSocket is one connection that carries sound and events both ways. It works through every proxy, and programs like it."
                : "SIP is how phones call each other over a network. From this machine you can dial agent at this server's address. Other phones need to be allowed in the settings.";
        }

        return isWebRtc || isSocket || isPhone || said.Has("transport", "transports", "connect", "connection", "reach you", "call you", "talk to you by", "contact you", "get in touch") ? Transports : null;
    }
}
