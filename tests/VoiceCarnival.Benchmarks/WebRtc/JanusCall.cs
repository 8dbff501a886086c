using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Benchmarks.WebRtc;

/// <summary>A call to Janus' echo test over its REST interface (https://janus.conf.meetecho.com/docs/rest.html): a session, a handle of the plugin, the offer, and a long poll for the answer.</summary>
internal static class JanusCall
{
    /// <summary>Calls; the peer is connected afterwards.</summary>
    public static async Task PlaceAsync(HttpClient client, Uri janus, RtcPeer peer)
    {
        string session = $"{janus}/{await CreateAsync(client, janus.ToString(), new JsonObject { ["janus"] = "create" })}";
        string handle = $"{session}/{await CreateAsync(client, session, new JsonObject { ["janus"] = "attach", ["plugin"] = "janus.plugin.echotest" })}";
        await AskAsync(client, handle, new JsonObject
        {
            ["janus"] = "message",
            ["body"] = new JsonObject { ["audio"] = true },
            ["jsep"] = new JsonObject { ["type"] = "offer", ["sdp"] = peer.Offer() },
        });
        while (true)
        {
            var news = await client.GetFromJsonAsync<JsonElement>($"{session}?maxev=1");
            if (!news.TryGetProperty("jsep", out var answer))
                continue;
            await peer.ConnectAsync(answer.GetProperty("sdp").GetString()!);
            return;
        }
    }

    private static async Task<long> CreateAsync(HttpClient client, string address, JsonObject request) =>
        (await AskAsync(client, address, request)).GetProperty("data").GetProperty("id").GetInt64();

    private static async Task<JsonElement> AskAsync(HttpClient client, string address, JsonObject request)
    {
        request["transaction"] = "call";
        using var response = await client.PostAsJsonAsync(address, request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.GetProperty("janus").GetString() is "success" or "ack" ? answer : throw new UsageException($"Janus answered: {answer}");
    }
}
