using Microsoft.AspNetCore.Http;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Decides who a caller is from the key it sent, the same way for every transport.</summary>
public interface ICallerAuthenticator
{
    /// <summary>Who sent this request, by <see cref="HttpCaller"/>'s key: an API key, a client secret, or a token that the authentication middleware has checked.</summary>
    CallerAuthentication Authenticate(HttpContext context);

    /// <summary>
    /// The same for transports without HTTP, which carry no tokens. An <c>ek_</c> key is always checked. Where authentication is off (by default: when the caller reached us on a loopback address) any other key
    /// or none is accepted, since SDKs always send one.
    /// </summary>
    /// <param name="key">The bearer token or subprotocol key, if any.</param>
    /// <param name="isLoopback">Both ends of the caller's connection are loopback addresses.</param>
    CallerAuthentication Authenticate(string? key, bool isLoopback);
}

/// <summary>Outcome: a caller or a refusal (401), never both.</summary>
public readonly record struct CallerAuthentication(Caller? Caller, SessionRefusal? Refusal);
