using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Testing.OpenAI;

/// <summary>
/// Stands for OpenAI's calls on a real port: SDP exchange, client secrets, sidebands with the early 404, call control, webhooks, and the ways in which these fail. Media
/// are none of it: the SDP answer is canned.
/// </summary>
public sealed class FakeOpenAI : IAsyncDisposable
{
    /// <summary>The key it knows.</summary>
    public const string ApiKey = "sk-fake-key-for-tests-0123456789";

    /// <summary>Signs its webhooks.</summary>
    public const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>What it answers to any offer.</summary>
    public const string Answer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, FakeCall> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<HttpContext, Task<bool>>>> _faults = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ids;

    private FakeOpenAI(WebApplication app) => _app = app;

    /// <summary>With <c>/v1</c>.</summary>
    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>How often a sideband is answered with 404 before a call is known.</summary>
    public int EarlyNotFound { get; set; }

    /// <summary>REST requests so far.</summary>
    public IReadOnlyCollection<FakeRequest> Requests => _requests;

    /// <summary>Calls so far, those that are over included.</summary>
    public ICollection<FakeCall> Calls => _calls.Values;

    /// <summary>Listens on a free port.</summary>
    public static async Task<FakeOpenAI> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<RouteOptions>(options => options.SetParameterPolicy<Microsoft.AspNetCore.Routing.Constraints.RegexInlineRouteConstraint>("regex"));
        var app = builder.Build();
        var fake = new FakeOpenAI(app);
        app.UseWebSockets();
        app.MapGet("/v1/models", () => Results.Text("""{"object":"list","data":[]}""", "application/json"));
        app.MapPost("/v1/realtime/client_secrets", context => fake.ServeAsync(context, "client_secrets", fake.MintAsync));
        app.MapPost("/v1/realtime/calls", context => fake.ServeAsync(context, "create", fake.CreateAsync));
        app.MapPost("/v1/realtime/calls/{id}/{action}", context => fake.ServeAsync(context, (string)context.Request.RouteValues["action"]!, fake.ActAsync));
        app.MapGet("/v1/realtime", fake.AttachAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>The call with this id.</summary>
    public FakeCall Call(string id) => _calls[id];

    /// <summary>The only call there is.</summary>
    public FakeCall OnlyCall => _calls.Values.Single();

    /// <summary>A call that somebody else started, straight at the service.</summary>
    public FakeCall StartCall(JsonObject? session = null) => Add(session ?? new JsonObject { ["type"] = "realtime", ["model"] = "gpt-realtime-2.1" });

    /// <summary>A phone call begins to ring.</summary>
    public FakeCall Ring() => Add(null);

    /// <summary>Answers the next requests of an action with a status instead.</summary>
    public void Fail(string action, int status, int times = 1, string code = "server_error")
    {
        for (int i = 0; i < times; i++)
        {
            Faults(action).Enqueue(async context =>
            {
                await RefuseAsync(context, status, code, "It failed as it was told to.");
                return true;
            });
        }
    }

    /// <summary>Does the next request of an action, and then answers as if it had failed.</summary>
    public void LoseAnswer(string action) => Faults(action).Enqueue(async context =>
    {
        if (_calls.TryGetValue((string)context.Request.RouteValues["id"]!, out var call) && action == "accept")
            call.TryBegin((JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!);
        await RefuseAsync(context, 500, "server_error", "The answer was lost.");
        return true;
    });

    /// <summary>Holds the next request of an action until <paramref name="until"/>.</summary>
    public void Delay(string action, Task until) => Faults(action).Enqueue(async _ =>
    {
        await until;
        return false;
    });

    /// <summary>Waits until a condition about calls and requests holds.</summary>
    public async Task WaitUntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var change = Volatile.Read(ref _change).Task;
            if (condition())
                return;
            await change.WaitAsync(limit.Token);
        }
    }

    /// <summary>Waits for a request.</summary>
    public async Task<FakeRequest> WaitForAsync(string action, int number = 1)
    {
        await WaitUntilAsync(() => _requests.Count(request => request.Action == action) >= number);
        return _requests.Where(request => request.Action == action).ElementAt(number - 1);
    }

    /// <summary>The webhook that announces a phone call.</summary>
    public static string IncomingCall(string callId, params (string Name, string Value)[] headers) => JsonSerializer.Serialize(new
    {
        id = "evt_" + callId,
        @object = "event",
        created_at = 1_750_287_018,
        type = "realtime.call.incoming",
        data = new { call_id = callId, sip_media_security = "srtp", sip_headers = headers.Select(header => new { name = header.Name, value = header.Value }) },
    });

    /// <summary>A signed delivery, as the service sends it.</summary>
    public static HttpRequestMessage Delivery(Uri gateway, string body, string id = "wh_1", DateTimeOffset? at = null, string secret = WebhookSecret)
    {
        string timestamp = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] mac = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "/webhooks/openai")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Convert.ToBase64String(mac));
        request.Headers.UserAgent.ParseAdd("OpenAI/1.0");
        return request;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Sidebands that are still open.
        }

        await _app.DisposeAsync();
    }

    private FakeCall Add(JsonObject? session)
    {
        string id = $"rtc_u1_{Interlocked.Increment(ref _ids):x8}";
        var call = new FakeCall(id, session, Changed);
        _calls[id] = call;
        Changed();
        return call;
    }

    private async Task ServeAsync(HttpContext context, string action, Func<HttpContext, string, Task> act)
    {
        if (!IsAuthorized(context))
        {
            await RefuseAsync(context, 401, "invalid_api_key", $"Incorrect API key provided: {context.Request.Headers.Authorization}.");
            return;
        }

        if (Faults(action).TryDequeue(out var fault) && await fault(context))
        {
            _requests.Enqueue(new FakeRequest(action, (string?)context.Request.RouteValues["id"], Headers(context), default, null));
            Changed();
            return;
        }

        await act(context, action);
        Changed();
    }

    private async Task MintAsync(HttpContext context, string action)
    {
        var body = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        var session = body["session"] as JsonObject ?? new JsonObject { ["type"] = "realtime" };
        Note(context, action, session, null);
        string value = $"ek_{Guid.NewGuid():N}";
        _secrets[value] = session;
        var answer = (JsonObject)session.DeepClone();
        answer["id"] = "sess_1";
        answer["object"] = "realtime.session";
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["value"] = value,
            ["expires_at"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600,
            ["session"] = answer,
        });
    }

    private async Task CreateAsync(HttpContext context, string action)
    {
        JsonObject session;
        string sdp;
        if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync();
            sdp = form["sdp"].ToString();
            session = JsonNode.Parse(form["session"].ToString()) as JsonObject ?? [];
        }
        else
        {
            sdp = await new StreamReader(context.Request.Body).ReadToEndAsync();
            session = _secrets.GetValueOrDefault(KeyOf(context)) ?? [];
        }

        Note(context, action, session, sdp);
        if ((string?)session["type"] is not ("realtime" or "transcription"))
        {
            await RefuseAsync(context, 400, "missing_required_parameter", "Missing required parameter: 'session.type'.", "session.type");
            return;
        }

        var call = Add((JsonObject)session.DeepClone());
        context.Response.StatusCode = 201;
        context.Response.ContentType = "application/sdp";
        context.Response.Headers.Location = "/v1/realtime/calls/" + call.Id;
        await context.Response.WriteAsync(Answer);
    }

    private async Task ActAsync(HttpContext context, string action)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        string text = await new StreamReader(context.Request.Body).ReadToEndAsync();
        var body = text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
        Note(context, action, body, null);
        if (!_calls.TryGetValue(id, out var call) || call.Ended.IsCompleted)
            await RefuseAsync(context, 404, "call_id_not_found", "No session found for the provided call_id");
        else if (action == "accept" && (string?)body?["type"] != "realtime")
            await RefuseAsync(context, 400, "missing_required_parameter", "Missing required parameter: 'type'.", "type");
        else if (action == "accept" && body!["audio"]?["input"]?["turn_detection"] is JsonObject turns && (turns.ContainsKey("threshold") || turns.ContainsKey("silence_duration_ms")))
            await RefuseAsync(context, 400, "invalid_value", "Not supported for SIP.", "audio.input.turn_detection");
        else if (action == "accept" && !call.TryBegin((JsonObject)body!.DeepClone()))
            await RefuseAsync(context, 400, "decision_already_made", "This call was accepted already.");
        else if (action == "refer" && (string?)body?["target_uri"] is null)
            await RefuseAsync(context, 400, "missing_required_parameter", "Missing required parameter: 'target_uri'.", "target_uri");
        else if (action is "hangup" or "reject")
            await call.EndAsync();
    }

    private async Task AttachAsync(HttpContext context)
    {
        string id = context.Request.Query["call_id"].ToString();
        if (!IsAuthorized(context))
        {
            await RefuseAsync(context, 401, "invalid_api_key", "Incorrect API key provided.");
            return;
        }

        bool isKnown = _calls.TryGetValue(id, out var call);
        int attempt = call?.CountAttempt() ?? 0;
        Changed();
        if (!isKnown || call!.Session is null || call.Ended.IsCompleted || attempt <= EarlyNotFound)
        {
            context.Response.StatusCode = 404; // without a body, as the real one
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
        await call.ServeAsync(socket);
    }

    private void Note(HttpContext context, string action, JsonObject? json, string? sdp)
    {
        _requests.Enqueue(new FakeRequest(action, (string?)context.Request.RouteValues["id"], Headers(context),
            json is null ? default : JsonSerializer.SerializeToElement(json), sdp));
        Changed();
    }

    private bool IsAuthorized(HttpContext context) => KeyOf(context) is var key && (key == ApiKey || _secrets.ContainsKey(key));

    private static string KeyOf(HttpContext context) => context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);

    private static Dictionary<string, string> Headers(HttpContext context) =>
        context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, int status, string code, string message, string? param = null)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = status >= 500 ? "server_error" : "invalid_request_error", code, param } });
    }

    private ConcurrentQueue<Func<HttpContext, Task<bool>>> Faults(string action) => _faults.GetOrAdd(action, _ => new());

    private void Changed() => Interlocked.Exchange(ref _change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
