namespace VoiceCarnival.Protocols.Sip;

/// <summary>Methods by name.</summary>
public static class SipMethods
{
    private static readonly SipMethod[] All = Enum.GetValues<SipMethod>();
    private static readonly string[] Names = [.. All.Select(method => method.ToString().ToUpperInvariant())];
    private static readonly byte[][] Bytes = [.. Names.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The method's name. <see cref="SipMethod.Other"/> has none.</summary>
    public static string Name(this SipMethod method) => Names[(int)method];

    /// <summary>The method of a name; <see cref="SipMethod.Other"/> when it is not known.</summary>
    public static SipMethod Find(ReadOnlySpan<byte> name)
    {
        for (int i = 1; i < Bytes.Length; i++)
        {
            if (name.SequenceEqual(Bytes[i]))
                return All[i];
        }

        return SipMethod.Other;
    }
}
