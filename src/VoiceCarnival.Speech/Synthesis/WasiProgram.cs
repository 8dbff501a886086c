using System.Buffers.Binary;
using System.Text;
using Wasmtime;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// One run of a WASI command that touches nothing: it gets its arguments, may create one file, which stays in memory, and may write to its standard output, which does
/// too. Everything else of wasi_snapshot_preview1 is answered as a system without it does.
/// </summary>
internal sealed class WasiProgram : IDisposable
{
    private const string Preview1 = "wasi_snapshot_preview1";
    private const int Success = 0;
    private const int BadDescriptor = 8;
    private const int Invalid = 28;
    private const int NotSupported = 58;
    private const int Output = 1;
    private const int Errors = 2;
    private const int Folder = 3;
    private const int File = 4;
    private const int MaxFileBytes = 64 * 1024 * 1024;
    private const long MaxMemoryBytes = 512L * 1024 * 1024;
    private const int MaxTicks = 600;

    private readonly List<byte[]> _arguments;
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _output = new();
    private bool _isOpen;

    private WasiProgram(IReadOnlyList<string> arguments) => _arguments = [.. arguments.Select(argument => Encoding.UTF8.GetBytes(argument.Replace('\0', ' ') + '\0'))];

    /// <summary>Runs it to its end.</summary>
    /// <param name="engine">Made with epoch interruption. At every tick of its clock a run sees whether it is cancelled; after <see cref="MaxTicks"/> it is.</param>
    /// <param name="module">The command.</param>
    /// <param name="cancellationToken">Ends it with the next tick.</param>
    /// <param name="arguments">The command line; its name first. Files that it names lie in <c>/out</c>.</param>
    /// <returns>What it wrote to its file and to its standard output.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="WasmtimeException">It failed, took too long or too much memory.</exception>
    public static (ReadOnlyMemory<byte> File, string Output) Run(Engine engine, Module module, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        using var program = new WasiProgram(arguments);
        using var store = new Store(engine);
        store.SetLimits(MaxMemoryBytes, null, 1, 4, 1);
        int ticks = 0;
        store.SetEpochDeadline(1);
        store.SetEpochDeadlineCallback(_ =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ++ticks < MaxTicks ? 1UL : throw new TimeoutException("The command did not end in time.");
        });
        using var linker = program.Link(engine);
        var instance = linker.Instantiate(store, module);
        try
        {
            instance.GetAction("_start")!();
        }
        catch (WasmtimeException exception) when (exception.InnerException is Exit { Code: 0 })
        {
            // How a command ends that has done what it was told.
        }
        catch (WasmtimeException exception) when (exception.InnerException is OperationCanceledException)
        {
            throw new OperationCanceledException("The command was cancelled.", exception, cancellationToken);
        }

        return (program._file.GetBuffer().AsMemory(0, (int)program._file.Length), Encoding.UTF8.GetString(program._output.GetBuffer(), 0, (int)program._output.Length));
    }

    public void Dispose()
    {
        _file.Dispose();
        _output.Dispose();
    }

    private Linker Link(Engine engine)
    {
        var linker = new Linker(engine);
        linker.DefineFunction(Preview1, "args_sizes_get", (CallerFunc<int, int, int>)ArgumentSizes);
        linker.DefineFunction(Preview1, "args_get", (CallerFunc<int, int, int>)Arguments);
        linker.DefineFunction(Preview1, "clock_time_get", (CallerFunc<int, long, int, int>)Clock);
        linker.DefineFunction(Preview1, "fd_close", (CallerFunc<int, int>)Close);
        linker.DefineFunction(Preview1, "fd_fdstat_get", (CallerFunc<int, int, int>)Status);
        linker.DefineFunction(Preview1, "fd_fdstat_set_flags", (CallerFunc<int, int, int>)((_, _, _) => NotSupported));
        linker.DefineFunction(Preview1, "fd_prestat_get", (CallerFunc<int, int, int>)FolderNameLength);
        linker.DefineFunction(Preview1, "fd_prestat_dir_name", (CallerFunc<int, int, int, int>)FolderName);
        linker.DefineFunction(Preview1, "fd_read", (CallerFunc<int, int, int, int, int>)((_, _, _, _, _) => BadDescriptor));
        linker.DefineFunction(Preview1, "fd_seek", (CallerFunc<int, long, int, int, int>)Seek);
        linker.DefineFunction(Preview1, "fd_write", (CallerFunc<int, int, int, int, int>)Write);
        linker.DefineFunction(Preview1, "path_open", (CallerFunc<int, int, int, int, int, long, long, int, int, int>)Open);
        linker.DefineFunction(Preview1, "proc_exit", (CallerAction<int>)((_, code) => throw new Exit(code)));
        return linker;
    }

    private int ArgumentSizes(Caller caller, int count, int bytes)
    {
        var memory = Memory(caller);
        BinaryPrimitives.WriteInt32LittleEndian(At(memory, count, 4), _arguments.Count);
        BinaryPrimitives.WriteInt32LittleEndian(At(memory, bytes, 4), _arguments.Sum(argument => argument.Length));
        return Success;
    }

    private int Arguments(Caller caller, int pointers, int bytes)
    {
        var memory = Memory(caller);
        foreach (var argument in _arguments)
        {
            BinaryPrimitives.WriteInt32LittleEndian(At(memory, pointers, 4), bytes);
            argument.CopyTo(At(memory, bytes, argument.Length));
            pointers += 4;
            bytes += argument.Length;
        }

        return Success;
    }

    // The same moment always, so that the same text gives the same sound.
    private static int Clock(Caller caller, int id, long precision, int time)
    {
        At(Memory(caller), time, 8).Clear();
        return Success;
    }

    private int Close(Caller caller, int descriptor)
    {
        if (descriptor == File)
            _isOpen = false;
        return descriptor is >= 0 and <= File ? Success : BadDescriptor;
    }

    private static int Status(Caller caller, int descriptor, int status)
    {
        if (descriptor is < 0 or > File)
            return BadDescriptor;
        var fields = At(Memory(caller), status, 24);
        fields.Clear();
        fields[0] = descriptor switch
        {
            Folder => 3,
            File => 4,
            _ => 2, // a terminal, or what is as little of a file
        };
        fields[8..].Fill(0xFF); // all rights
        return Success;
    }

    private static int FolderNameLength(Caller caller, int descriptor, int status)
    {
        if (descriptor != Folder)
            return BadDescriptor;
        var fields = At(Memory(caller), status, 8);
        fields.Clear();
        fields[4] = 4;
        return Success;
    }

    private static int FolderName(Caller caller, int descriptor, int name, int length)
    {
        if (descriptor != Folder || length < 4)
            return BadDescriptor;
        "/out"u8.CopyTo(At(Memory(caller), name, 4));
        return Success;
    }

    private int Open(Caller caller, int folder, int folderFlags, int path, int pathLength, int openFlags, long rights, long inheritedRights, int flags, int descriptor)
    {
        const int create = 1;
        if (folder != Folder || (openFlags & create) == 0 || _isOpen)
            return NotSupported;
        _isOpen = true;
        _file.SetLength(0);
        BinaryPrimitives.WriteInt32LittleEndian(At(Memory(caller), descriptor, 4), File);
        return Success;
    }

    private int Seek(Caller caller, int descriptor, long offset, int whence, int position)
    {
        if (descriptor != File || !_isOpen)
            return BadDescriptor;
        long target = offset + whence switch
        {
            0 => 0,
            1 => _file.Position,
            _ => _file.Length,
        };
        if (target is < 0 or > MaxFileBytes)
            return Invalid;
        _file.Position = target;
        BinaryPrimitives.WriteInt64LittleEndian(At(Memory(caller), position, 8), target);
        return Success;
    }

    private int Write(Caller caller, int descriptor, int vectors, int count, int written)
    {
        var memory = Memory(caller);
        var target = descriptor switch
        {
            Output => _output,
            Errors => Stream.Null,
            File when _isOpen => _file,
            _ => null,
        };
        if (target is null)
            return BadDescriptor;
        int sum = 0;
        for (int i = 0; i < count; i++)
        {
            var vector = At(memory, vectors + (8 * i), 8);
            var bytes = At(memory, BinaryPrimitives.ReadInt32LittleEndian(vector), BinaryPrimitives.ReadInt32LittleEndian(vector[4..]));
            if (target.Position + bytes.Length > MaxFileBytes)
                return Invalid;
            target.Write(bytes);
            sum += bytes.Length;
        }

        BinaryPrimitives.WriteInt32LittleEndian(At(memory, written, 4), sum);
        return Success;
    }

    private static Memory Memory(Caller caller) => caller.GetMemory("memory") ?? throw new WasmtimeException("The module has no memory.");

    // A place outside of the memory throws, which ends the run.
    private static Span<byte> At(Memory memory, int address, int length) => memory.GetSpan((uint)address, length);

    private sealed class Exit(int code) : Exception($"exit {code}")
    {
        public int Code { get; } = code;
    }
}
