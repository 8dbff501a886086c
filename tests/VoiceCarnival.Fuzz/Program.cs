using SharpFuzz;
using VoiceCarnival.Fuzz;

// dotnet run --project tests/VoiceCarnival.Fuzz -- <target> --random 200000 --seed 1    mutates the target's own corpus; no tools needed
// dotnet run --project tests/VoiceCarnival.Fuzz -- <target> <file>                      runs one input
// afl-fuzz … dotnet VoiceCarnival.Fuzz.dll <target>                                     after `sharpfuzz` has instrumented the assemblies
// LibFuzzer: libfuzzer-dotnet --target_path=… --target_arg=<target>
var target = args.Length > 0 ? Targets.Find(args[0]) : null;
if (target is null)
{
    Console.Error.WriteLine($"Usage: <target> [--random N [--seed S]] | [file]; targets: {string.Join(", ", Targets.All.Select(t => t.Name))}");
    return 2;
}

int random = Array.IndexOf(args, "--random");
if (random > 0)
{
    int seed = Array.IndexOf(args, "--seed");
    var run = new RandomRun(target, seed > 0 ? int.Parse(args[seed + 1], null) : 1);
    return run.Execute(int.Parse(args[random + 1], null), Console.Out) ? 0 : 1;
}

if (args.Length > 1)
{
    target.Run(File.ReadAllBytes(args[1]));
    return 0;
}

if (Environment.GetEnvironmentVariable("__LIBFUZZER_SHM_ID") is not null)
    Fuzzer.LibFuzzer.Run(bytes => target.Run(bytes.ToArray()));
else
    Fuzzer.OutOfProcess.Run(stream => target.Run(ReadAll(stream)));
return 0;

static byte[] ReadAll(Stream stream)
{
    using var memory = new MemoryStream();
    stream.CopyTo(memory);
    return memory.ToArray();
}
