using System.Runtime.InteropServices;
using System.Text;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>
/// Reads the float constants of an ONNX model, and nothing else of it: <c>graph.node[].attribute[]</c>, where an attribute is a tensor or, in an <c>If</c> node,
/// a branch with nodes of its own (onnx.proto3; protobuf wire format). Branches are told apart by the name of their attribute.
/// </summary>
internal static class OnnxConstants
{
    private const int Float = 1;
    private const int MaxDepth = 8;

    /// <summary>The float tensors inside of a branch of the model's top level, such as <c>then_branch</c>, by their own names.</summary>
    /// <exception cref="InvalidDataException">The bytes are no ONNX model.</exception>
    public static Dictionary<string, float[]> OfBranch(ReadOnlySpan<byte> model, string branch)
    {
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var field in new ProtoReader(model))
        {
            if (field.Number == 7)
                ReadGraph(field.Bytes, branch, inside: false, tensors, 0);
        }

        return tensors;
    }

    private static void ReadGraph(ReadOnlySpan<byte> graph, string branch, bool inside, Dictionary<string, float[]> tensors, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException("The model's branches are nested too deeply.");
        foreach (var field in new ProtoReader(graph))
        {
            if (field.Number != 1)
                continue;
            foreach (var part in new ProtoReader(field.Bytes))
            {
                if (part.Number == 5)
                    ReadAttribute(part.Bytes, branch, inside, tensors, depth);
            }
        }
    }

    private static void ReadAttribute(ReadOnlySpan<byte> attribute, string branch, bool inside, Dictionary<string, float[]> tensors, int depth)
    {
        string name = string.Empty;
        foreach (var field in new ProtoReader(attribute))
        {
            if (field.Number == 1)
                name = Encoding.UTF8.GetString(field.Bytes);
            else if (field.Number == 5 && inside)
                ReadTensor(field.Bytes, tensors);
            else if (field.Number == 6 && (inside || name == branch))
                ReadGraph(field.Bytes, branch, inside: true, tensors, depth + 1);
        }
    }

    private static void ReadTensor(ReadOnlySpan<byte> tensor, Dictionary<string, float[]> tensors)
    {
        string name = string.Empty;
        ulong type = 0;
        ReadOnlySpan<byte> raw = default;
        foreach (var field in new ProtoReader(tensor))
        {
            switch (field.Number)
            {
                case 2:
                    type = field.Value;
                    break;
                case 8:
                    name = Encoding.UTF8.GetString(field.Bytes);
                    break;
                case 9:
                    raw = field.Bytes;
                    break;
            }
        }

        // Little-endian whatever the machine, as the format has it.
        if (type == Float && name.Length > 0 && BitConverter.IsLittleEndian)
            tensors[name] = MemoryMarshal.Cast<byte, float>(raw).ToArray();
    }
}
