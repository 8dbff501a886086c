using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Server.FunctionalTests.Local;

/// <summary>A server with OpenAI's streaming chat completions that answers what the test lays down, one answer a request.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();

    private ModelServer(WebApplication app) => _app = app;

    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<JsonElement> Requests { get; } = new();

    public static async Task<ModelServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ModelServer(app);
        app.Run(server.ServeAsync);
        await app.StartAsync();
        return server;
    }

    public void Answer(Func<HttpContext, Task> answer) => _answers.Enqueue(answer);

    /// <summary>Streams words, then the count of tokens.</summary>
    public void AnswerWith(params string[] words) => Answer(async context =>
    {
        await BeginAsync(context);
        foreach (string word in words)
            await ChunkAsync(context, new JsonObject { ["content"] = word });
        await EndAsync(context, "stop");
    });

    public void AnswerWithCall(string name, string arguments) => Answer(async context =>
    {
        await BeginAsync(context);
        await ChunkAsync(context, new JsonObject
        {
            ["tool_calls"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["id"] = "call_model",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
            }),
        });
        await EndAsync(context, "tool_calls");
    });

    public void Refuse(int status, string code, string message) => Answer(async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new { error = new { type = code, code, message } });
    });

    /// <summary>Begins to answer and drops the line.</summary>
    public void BreakAfter(params string[] words) => Answer(async context =>
    {
        await BeginAsync(context);
        foreach (string word in words)
            await ChunkAsync(context, new JsonObject { ["content"] = word });
        await Task.Delay(200);
        context.Abort();
    });

    /// <summary>Takes the request and says nothing.</summary>
    public void Hang() => Answer(context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default));

    private static async Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await ChunkAsync(context, new JsonObject { ["role"] = "assistant", ["content"] = "" });
    }

    private static Task ChunkAsync(HttpContext context, JsonObject delta) => WriteAsync(context, new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = null }),
    });

    private static async Task EndAsync(HttpContext context, string reason)
    {
        await WriteAsync(context, new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "m",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = reason }),
        });
        await WriteAsync(context, new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "m",
            ["choices"] = new JsonArray(),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 31, ["completion_tokens"] = 9, ["total_tokens"] = 40 },
        });
        await context.Response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray());
    }

    private static async Task WriteAsync(HttpContext context, JsonObject json)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {json.ToJsonString()}\n\n"));
        await context.Response.Body.FlushAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Requests.Enqueue((await JsonDocument.ParseAsync(context.Request.Body)).RootElement.Clone());
        if (_answers.TryDequeue(out var answer))
            await answer(context);
        else
            context.Response.StatusCode = 500;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
