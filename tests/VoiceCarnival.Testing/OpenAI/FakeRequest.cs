using System.Text.Json;

namespace VoiceCarnival.Testing.OpenAI;

/// <summary>A REST request as the fake service got it.</summary>
/// <param name="Action"><c>create</c>, <c>client_secrets</c>, <c>accept</c>, <c>reject</c>, <c>refer</c> or <c>hangup</c>.</param>
/// <param name="CallId">The call it is about, when it names one.</param>
/// <param name="Headers">Request headers.</param>
/// <param name="Json">The body, or its <c>session</c> part, when that is JSON; undefined otherwise.</param>
/// <param name="Sdp">The offer of a <c>create</c>.</param>
public sealed record FakeRequest(string Action, string? CallId, IReadOnlyDictionary<string, string> Headers, JsonElement Json, string? Sdp);
