using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Speech.Remote;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Remote;

/// <summary>The remote services against a server on this machine that speaks OpenAI's API, well and badly.</summary>
public sealed class RemoteClientTests
{
    private const string Key = "sk-very-secret";
    private static readonly short[] Ramp = [.. Enumerable.Range(0, 24_000).Select(i => (short)i)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Func<Task> Transcribe(FakeServer server, int seconds = 20) => async () =>
    {
        using var client = new RemoteSpeechToTextClient(Settings<RecognitionOptions>(server.BaseUrl, seconds), TimeProvider.System);
        await client.GetTextAsync(new MemoryStream(WavWriter.Write(Ramp, 24_000)), null, Cancelled);
    };

    private static Func<Task> Speak(FakeServer server, int seconds = 20) => async () =>
    {
        using var client = new RemoteTextToSpeechClient(Settings<SynthesisOptions>(server.BaseUrl, seconds), TimeProvider.System);
        await client.GetStreamingAudioAsync("Hello.", null, Cancelled).ToListAsync(Cancelled);
    };

    private static Func<Task> Chat(FakeServer server, int seconds = 20) => async () =>
    {
        using var client = new RemoteChatClient(Settings<ChatModelOptions>(server.BaseUrl, seconds), TimeProvider.System);
        await client.GetStreamingResponseAsync("Hello", cancellationToken: Cancelled).ToListAsync(Cancelled);
    };

    private static T Settings<T>(string url, int seconds = 20)
        where T : RemoteServiceOptions, new() => new() { BaseUrl = url, ApiKey = new Secret(Key), Model = "a-model", TimeoutSeconds = seconds };

    private static string Chunk(string content) => $$$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"a-model","choices":[{"index":0,"delta":{"role":"assistant","content":"{{{content}}}"},"finish_reason":null}]}""" + "\n\n";

    [Fact]
    public async Task Speech_IsSentAsAWavFileOf16k_AndTheTextComesBack()
    {
        await using var server = await FakeServer.StartAsync(static context => context.Response.WriteAsJsonAsync(new { text = " Bonjour. " }));
        using var client = new RemoteSpeechToTextClient(Settings<RecognitionOptions>(server.BaseUrl), TimeProvider.System);

        var updates = await client.GetStreamingTextAsync(new MemoryStream(WavWriter.Write(Ramp, 24_000)), new SpeechToTextOptions { SpeechLanguage = "fr-CA" }, Cancelled).ToListAsync(Cancelled);

        Assert.Equal("Bonjour.", Assert.Single(updates).Text);
        Assert.Equal(SpeechToTextResponseUpdateKind.TextUpdated, updates[0].Kind);
        Assert.Null(client.GetService(typeof(LiveTranscription)));
        var (path, key, body) = Assert.Single(server.Requests);
        Assert.Equal("/v1/audio/transcriptions", path);
        Assert.Equal("Bearer " + Key, key);
        Assert.Contains("a-model", body);
        Assert.Matches("name=\"?language\"?\\s+fr\\s", body);
        int at = body.IndexOf("RIFF", StringComparison.Ordinal);
        Assert.True(WavReader.TryRead(System.Text.Encoding.Latin1.GetBytes(body[at..]), out var wav, out _));
        Assert.Equal((16_000, 16_000), (wav.Format.SampleRate, wav.Frames));
    }

    [Theory]
    [InlineData(1100, true)]
    [InlineData(1101, false)]
    [InlineData(10_000_000, false)]
    public async Task MoreThanCanBeSaidInASecond_IsABadResponse(int length, bool isTaken)
    {
        string text = string.Concat(Enumerable.Repeat("Thank you. ", (length / 11) + 1))[..(length - 1)] + "!";
        await using var server = await FakeServer.StartAsync(context => context.Response.WriteAsJsonAsync(new { text }));
        var failure = await Record.ExceptionAsync(Transcribe(server));
        Assert.Equal(isTaken ? null : "bad_response", (failure as ModelServiceException)?.Code);
        Assert.Equal(isTaken, failure is null);
    }

    [Fact]
    public async Task WordsToExpect_AreSentAlong()
    {
        await using var server = await FakeServer.StartAsync(static context => context.Response.WriteAsJsonAsync(new { text = "Ada." }));
        using var client = new RemoteSpeechToTextClient(Settings<RecognitionOptions>(server.BaseUrl), TimeProvider.System);
        var options = new SpeechToTextOptions { AdditionalProperties = new() { [RecognitionPrompt.Key] = "Names: Ada, Grace." } };

        await client.GetTextAsync(new MemoryStream(WavWriter.Write(Ramp, 24_000)), options, Cancelled);

        Assert.Matches("name=\"?prompt\"?\\s+Names: Ada, Grace\\.\\s", Assert.Single(server.Requests).Body);
    }

    [Theory]
    [InlineData("""{"foo":1}""")]
    [InlineData("""{"text":null}""")]
    public async Task AnAnswerWithoutAText_IsABadResponse(string body)
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body);
        });

        Assert.Equal("bad_response", (await Assert.ThrowsAsync<ModelServiceException>(Transcribe(server))).Code);
    }

    [Fact]
    public async Task AnAnswerWithoutSound_IsABadResponse()
    {
        await using var server = await FakeServer.StartAsync(static _ => Task.CompletedTask);

        Assert.Equal("bad_response", (await Assert.ThrowsAsync<ModelServiceException>(Speak(server))).Code);
    }

    [Fact]
    public async Task Nothing_IsNotSent()
    {
        await using var server = await FakeServer.StartAsync(static context => context.Response.WriteAsJsonAsync(new { text = "invented" }));
        using var client = new RemoteSpeechToTextClient(Settings<RecognitionOptions>(server.BaseUrl), TimeProvider.System);

        Assert.Equal("", (await client.GetTextAsync(new MemoryStream(), null, Cancelled)).Text);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("audio/pcm")]
    [InlineData("audio/wav")]
    [InlineData("application/octet-stream")]
    public async Task Sound_ComesAsItIsMade_SentenceBySentence(string type)
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(type == "audio/wav" ? WavWriter.Write(Ramp, 24_000) : MemoryMarshal.AsBytes(Ramp.AsSpan()).ToArray());
        });
        using var client = new RemoteTextToSpeechClient(Settings<SynthesisOptions>(server.BaseUrl), TimeProvider.System);

        var updates = await client.GetStreamingAudioAsync("Hello there. \"How\" are you?", new TextToSpeechOptions { VoiceId = "nova", Speed = 1.5f }, Cancelled).ToListAsync(Cancelled);

        short[] samples = [.. updates.SelectMany(update => MemoryMarshal.Cast<byte, short>(((DataContent)update.Contents[0]).Data.Span).ToArray())];
        Assert.Equal([.. Ramp, .. Ramp], samples);
        Assert.True(updates.Count > 2);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal("/v1/audio/speech", server.Requests[0].Path);
        Assert.Contains("\"voice\":\"nova\"", server.Requests[0].Body);
        Assert.Contains("\"response_format\":\"pcm\"", server.Requests[0].Body);
        Assert.Contains("\"speed\":1.5", server.Requests[0].Body);
    }

    [Fact]
    public async Task TheFirstSound_DoesNotWaitForTheLast()
    {
        var heard = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(MemoryMarshal.AsBytes(Ramp.AsSpan(0, 4_800)).ToArray());
            await context.Response.Body.FlushAsync();
            await heard.Task.WaitAsync(context.RequestAborted);
        });
        using var client = new RemoteTextToSpeechClient(Settings<SynthesisOptions>(server.BaseUrl), TimeProvider.System);

        int updates = 0;
        await foreach (var update in client.GetStreamingAudioAsync("Hello.", null, Cancelled))
        {
            updates++;
            heard.TrySetResult();
        }

        Assert.True(updates > 1);
    }

    [Fact]
    public async Task Words_ComeAsTheyAreThought_AndToolsAreLeftToTheCaller()
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Chunk("Hel") + Chunk("lo.") +
                """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"door","arguments":"{\"open\":true}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\n" +
                """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""" + "\n\ndata: [DONE]\n\n");
        });
        using var client = new RemoteChatClient(Settings<ChatModelOptions>(server.BaseUrl), TimeProvider.System);

        var response = await client.GetStreamingResponseAsync("Open the door", cancellationToken: Cancelled).ToChatResponseAsync(Cancelled);

        Assert.Equal("Hello.", response.Text);
        var call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        Assert.Equal(("call_1", "door"), (call.CallId, call.Name));
        Assert.Equal((7, 5), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        Assert.Equal("/v1/chat/completions", server.Requests.Single().Path);
    }

    [Theory]
    [InlineData("speech recognition")]
    [InlineData("speech synthesis")]
    [InlineData("chat")]
    public async Task WhatTheServerComplainsOf_IsToldInItsWords_AndNeverItsKey(string service)
    {
        await using var server = await FakeServer.StartAsync(static async context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsJsonAsync(new { error = new { message = $"Too much for {Key}.", type = "requests", code = "rate_limit_exceeded" } });
        });

        var error = await Failure(service, server);

        Assert.Equal((service, "rate_limit_exceeded", 429, TimeSpan.FromSeconds(7)), (error.Service, error.Code, error.Status, error.RetryAfter));
        Assert.Equal("Too much for ***.", error.Message);
        Assert.Single(server.Requests); // not asked again
    }

    [Theory]
    [InlineData("speech recognition", 401, "refused the key")]
    [InlineData("speech synthesis", 500, "status 500")]
    [InlineData("chat", 502, "status 502")]
    public async Task AnErrorWithoutWords_IsToldByItsStatus(string service, int status, string words)
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("<html>no</html>");
        });

        var error = await Failure(service, server);

        Assert.Equal($"http_{status}", error.Code);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData("speech recognition")]
    [InlineData("speech synthesis")]
    [InlineData("chat")]
    public async Task AServerThatDoesNotAnswer_IsWaitedForAsLongAsTheSettingsSay(string service)
    {
        await using var server = await FakeServer.StartAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));

        Assert.Equal("timeout", (await Failure(service, server, seconds: 1)).Code);
    }

    [Fact]
    public async Task AChatThatStopsInTheMiddle_IsATimeout()
    {
        await using var server = await FakeServer.StartAsync(static async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Chunk("Hel"));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        Assert.Equal("timeout", (await Failure("chat", server, seconds: 1)).Code);
    }

    [Theory]
    [InlineData("""{"error":{"message":"The model is overloaded, key sk-very-secret.","type":"server_error","code":"overloaded"}}""", "overloaded", "The model is overloaded, key ***.")]
    [InlineData("""{"error":"out of memory"}""", "model_error", "out of memory")]
    public async Task AChatThatComplainsInTheMiddle_IsAnErrorInItsWords(string complaint, string code, string message)
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync($"{Chunk("Hel")}data: {complaint}\n\ndata: [DONE]\n\n");
        });

        var error = await Failure("chat", server);

        Assert.Equal((code, message), (error.Code, error.Message));
    }

    [Fact]
    public async Task AChatThatEndsWithoutAnEnd_IsAnError()
    {
        await using var server = await FakeServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(Chunk("Hel"));
        });

        Assert.Equal("broken_off", (await Failure("chat", server)).Code);
    }

    [Theory]
    [InlineData("speech synthesis")]
    [InlineData("chat")]
    public async Task AnAnswerThatBreaksOff_IsAnError(string service)
    {
        await using var server = await FakeServer.StartAsync(static async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.ContentLength = 100_000;
            if (context.Request.Path.Value!.Contains("speech", StringComparison.Ordinal))
                context.Response.ContentType = "audio/pcm";
            await context.Response.WriteAsync(Chunk("Hel"));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        Assert.Equal("unreachable", (await Failure(service, server)).Code);
    }

    [Theory]
    [InlineData("speech recognition")]
    [InlineData("speech synthesis")]
    [InlineData("chat")]
    public async Task AServerThatIsNotThere_IsUnreachable(string service)
    {
        var server = await FakeServer.StartAsync(static _ => Task.CompletedTask);
        string url = server.BaseUrl;
        await server.DisposeAsync();
        Func<Task> call = service switch
        {
            "chat" => async () =>
            {
                using var client = new RemoteChatClient(Settings<ChatModelOptions>(url), TimeProvider.System);
                await client.GetResponseAsync("Hello", cancellationToken: Cancelled);
            }
            ,
            "speech synthesis" => async () =>
            {
                using var client = new RemoteTextToSpeechClient(Settings<SynthesisOptions>(url), TimeProvider.System);
                await client.GetAudioAsync("Hello.", null, Cancelled);
            }
            ,
            _ => async () =>
            {
                using var client = new RemoteSpeechToTextClient(Settings<RecognitionOptions>(url), TimeProvider.System);
                await client.GetTextAsync(new MemoryStream(new byte[1000]), null, Cancelled);
            }
            ,
        };

        Assert.Equal("unreachable", (await Assert.ThrowsAsync<ModelServiceException>(call)).Code);
    }

    [Fact]
    public async Task WhatIsNoSound_IsNotPlayed()
    {
        await using var server = await FakeServer.StartAsync(static context => context.Response.WriteAsJsonAsync(new { sorry = true }));

        Assert.Equal("bad_response", (await Failure("speech synthesis", server)).Code);
    }

    [Fact]
    public async Task ACancelledCall_EndsAsCancelled()
    {
        var asked = new TaskCompletionSource();
        await using var server = await FakeServer.StartAsync(context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = new RemoteChatClient(Settings<ChatModelOptions>(server.BaseUrl), TimeProvider.System);
        using var cancel = new CancellationTokenSource();
        var call = client.GetResponseAsync("Hello", cancellationToken: cancel.Token);
        await asked.Task.WaitAsync(Cancelled);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static Task<ModelServiceException> Failure(string service, FakeServer server, int seconds = 20) => Assert.ThrowsAsync<ModelServiceException>(service switch
    {
        "chat" => Chat(server, seconds),
        "speech synthesis" => Speak(server, seconds),
        _ => Transcribe(server, seconds),
    });

    [Theory]
    [InlineData("audio/aac")]
    [InlineData("audio/ogg")]
    [InlineData("video/mp4")]
    public async Task SoundThatIsNoPcm_IsNotPlayed(string type)
    {
        await using var server = await FakeServer.StartAsync(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(new byte[1000]);
        });

        Assert.Equal("bad_response", (await Failure("speech synthesis", server)).Code);
    }

    [Fact]
    public async Task SoundWithoutEnd_IsAnError()
    {
        await using var server = await FakeServer.StartAsync(static async context =>
        {
            context.Response.ContentType = "audio/pcm";
            var second = new byte[480_000];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(second, context.RequestAborted);
        });

        var error = await Failure("speech synthesis", server);

        Assert.Equal("bad_response", error.Code);
        Assert.Contains("more sound", error.Message, StringComparison.Ordinal);
    }
}
