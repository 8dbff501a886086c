namespace VoiceCarnival.Audio.G722;

/// <summary>The constants of ITU-T G.722, under the names of its tables.</summary>
internal static class G722Tables
{
    /// <summary>Half of the 24 taps of the quadrature mirror filters, which are symmetric (table 11).</summary>
    public static ReadOnlySpan<short> Qmf => [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

    /// <summary>Decision levels of the 6-bit quantizer of the lower band.</summary>
    public static ReadOnlySpan<short> Q6 =>
    [
        0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
    ];

    /// <summary>Codes of the levels for a negative difference.</summary>
    public static ReadOnlySpan<byte> Iln =>
    [
        0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
    ];

    /// <summary>Codes of the levels for a positive difference.</summary>
    public static ReadOnlySpan<byte> Ilp =>
    [
        0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32,
    ];

    /// <summary>Output of the 4-bit inverse quantizer, which drives the adaptation.</summary>
    public static ReadOnlySpan<short> Qm4 => [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];

    /// <summary>Output of the 6-bit inverse quantizer, which is heard.</summary>
    public static ReadOnlySpan<short> Qm6 =>
    [
        -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464,
        -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576,
        6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
    ];

    /// <summary>Output of the 2-bit inverse quantizer of the higher band.</summary>
    public static ReadOnlySpan<short> Qm2 => [-7408, -1616, 7408, 1616];

    /// <summary>Steps of the lower band's log scale factor, by <see cref="Rl42"/>.</summary>
    public static ReadOnlySpan<short> Wl => [-60, -30, 58, 172, 334, 538, 1198, 3042];

    /// <summary>Row of <see cref="Wl"/> for a 4-bit code.</summary>
    public static ReadOnlySpan<byte> Rl42 => [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];

    /// <summary>Steps of the higher band's log scale factor, by <see cref="Rh2"/>.</summary>
    public static ReadOnlySpan<short> Wh => [0, -214, 798];

    /// <summary>Row of <see cref="Wh"/> for a 2-bit code.</summary>
    public static ReadOnlySpan<byte> Rh2 => [2, 1, 2, 1];

    /// <summary>2048 times 2 to the power of i/32.</summary>
    public static ReadOnlySpan<short> Ilb =>
    [
        2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520,
        3597, 3676, 3756, 3838, 3922, 4008,
    ];

    /// <summary>Limits to 16 bits, as all sums of the recommendation are.</summary>
    public static int Limit(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);
}
