using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using VoiceCarnival.Speech.Assets;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>
/// Silero's voice activity network, version 6, for one rate: the weights, shared by all sessions, and the arithmetic. Same output as ONNX Runtime's of the same file to 1e-5.
/// </summary>
/// <remarks>
/// 32 ms with an eighth of a frame before it, mirrored by an eighth at its end, make four overlapping windows; magnitudes of their spectra go through four convolutions
/// over time (128, 64, 64 and 128 channels; steps of 1, 2, 2 and 1) into one LSTM cell of 128. Time goes over rows, so that a convolution's three taps lie in a row and it is
/// one <see cref="DenseLayer"/>; taps that meet nothing but the zeros around one or two remaining time steps are left out.
/// </remarks>
internal sealed class SileroModel
{
    /// <summary>Numbers in the state of the cell, and as many again in what it remembers.</summary>
    public const int StateSize = 128;

    private const int Windows = 4;
    private static readonly Lazy<SileroModel> At8k = new(static () => new SileroModel(8_000));
    private static readonly Lazy<SileroModel> At16k = new(static () => new SileroModel(16_000));

    private readonly int _window;
    private readonly int _bins;
    private readonly DenseLayer _cosines;
    private readonly DenseLayer _sines;
    private readonly DenseLayer _encoder0;
    private readonly DenseLayer _encoder1;
    private readonly DenseLayer _encoder2;
    private readonly DenseLayer _encoder3;
    private readonly DenseLayer _gates;
    private readonly float[] _outputWeights;
    private readonly float _outputBias;

    private SileroModel(int sampleRate)
    {
        FrameSamples = sampleRate / 1000 * 32;
        _window = FrameSamples / 2;
        int bins = (_window / 2) + 1;
        _bins = (bins + 15) / 16 * 16;
        var tensors = OnnxConstants.OfBranch(SpeechAsset.SileroVad.Read(), sampleRate == 16_000 ? "then_branch" : "else_branch");

        var basis = Tensor(tensors, "stft.forward_basis_buffer", 2 * bins * _window);
        _cosines = Half(basis, 0, bins, sign: 1, _window / 2);
        _sines = Half(basis, bins, bins, sign: -1, (_window / 2) - 1);
        _encoder0 = Convolution(tensors, 0, bins, 128, _bins, firstTap: 0, taps: 3);
        _encoder1 = Convolution(tensors, 1, 128, 64, 128, firstTap: 0, taps: 3);
        _encoder2 = Convolution(tensors, 2, 64, 64, 64, firstTap: 1, taps: 2);
        _encoder3 = Convolution(tensors, 3, 64, 128, 64, firstTap: 1, taps: 1);
        _gates = Gates(tensors);
        _outputWeights = Tensor(tensors, "decoder.decoder.2.weight", StateSize);
        _outputBias = Tensor(tensors, "decoder.decoder.2.bias", 1)[0];
    }

    /// <summary>New samples per frame.</summary>
    public int FrameSamples { get; }

    /// <summary>Samples of the frame before that go ahead of the new ones.</summary>
    public int ContextSamples => FrameSamples / 8;

    /// <summary>The model for a rate, 8,000 or 16,000; loaded when first asked for, which takes some 30 ms.</summary>
    public static SileroModel For(int sampleRate) => sampleRate == 8_000 ? At8k.Value : At16k.Value;

    /// <summary>Takes a frame.</summary>
    /// <param name="input"><see cref="ContextSamples"/> of the past and <see cref="FrameSamples"/> new ones, -1 to 1.</param>
    /// <param name="hidden">The cell's output, <see cref="StateSize"/>; zero at first.</param>
    /// <param name="cell">What the cell remembers, <see cref="StateSize"/>; zero at first.</param>
    /// <returns>Speech probability, 0 to 1.</returns>
    public float Process(ReadOnlySpan<float> input, Span<float> hidden, Span<float> cell)
    {
        // One row of zeros before and one after each sequence of time steps: what the convolutions see beyond its ends.
        Span<float> spectrum = stackalloc float[(Windows + 2) * _bins];
        Span<float> first = stackalloc float[(Windows + 2) * 128];
        Span<float> second = stackalloc float[2 * 64];
        Span<float> third = stackalloc float[64];
        Span<float> cellInput = stackalloc float[2 * StateSize];
        Span<float> gates = stackalloc float[4 * StateSize];
        Magnitudes(input, spectrum.Slice(_bins, Windows * _bins));
        _encoder0.ApplyToFour(spectrum, _bins, first[128..], rectify: true);
        _encoder1.Apply(first, second, rectify: true);
        _encoder1.Apply(first[(2 * 128)..], second[64..], rectify: true);
        _encoder2.Apply(second, third, rectify: true);
        _encoder3.Apply(third, cellInput, rectify: true);
        hidden.CopyTo(cellInput[StateSize..]);
        _gates.Apply(cellInput, gates, rectify: false);
        return Remember(gates, hidden, cell);
    }

    // Each window starts half a window after the one before; the samples after the last are those before it, mirrored.
    private void Magnitudes(ReadOnlySpan<float> input, Span<float> magnitudes)
    {
        int half = _window / 2;
        Span<float> samples = stackalloc float[input.Length + ContextSamples];
        input.CopyTo(samples);
        for (int i = 0; i < ContextSamples; i++)
            samples[input.Length + i] = input[^(i + 2)];

        // A window of its kind is symmetric, so cosines meet the sum of two samples and sines their difference: half the work.
        Span<float> sums = stackalloc float[Windows * half];
        Span<float> differences = stackalloc float[Windows * half];
        for (int w = 0; w < Windows; w++)
        {
            var window = samples.Slice(w * half, _window);
            var sum = sums.Slice(w * half, half);
            var difference = differences.Slice(w * half, half);
            for (int n = 1; n < half; n++)
            {
                sum[n - 1] = window[n] + window[^n];
                difference[n - 1] = window[n] - window[^n];
            }

            sum[half - 1] = window[half];
        }

        Span<float> imaginary = stackalloc float[Windows * _bins];
        _cosines.ApplyToFour(sums, half, magnitudes, rectify: false);
        _sines.ApplyToFour(differences, half, imaginary, rectify: false);
        for (int i = 0; i < magnitudes.Length; i += Vector256<float>.Count)
        {
            var re = Vector256.Create<float>(magnitudes[i..]);
            var im = Vector256.Create<float>(imaginary[i..]);
            Vector256.Sqrt((re * re) + (im * im)).CopyTo(magnitudes[i..]);
        }
    }

    // The LSTM's own part, gates in PyTorch's order (input, forget, new, output), and the last layer.
    private float Remember(ReadOnlySpan<float> gates, Span<float> hidden, Span<float> cell)
    {
        var sum = Vector256<float>.Zero;
        for (int i = 0; i < StateSize; i += Vector256<float>.Count)
        {
            var input = Sigmoid(Vector256.Create(gates[i..]));
            var forget = Sigmoid(Vector256.Create(gates[(StateSize + i)..]));
            var candidate = Tanh(Vector256.Create(gates[((2 * StateSize) + i)..]));
            var output = Sigmoid(Vector256.Create(gates[((3 * StateSize) + i)..]));
            var remembered = (forget * Vector256.Create<float>(cell[i..])) + (input * candidate);
            var shown = output * Tanh(remembered);
            remembered.CopyTo(cell[i..]);
            shown.CopyTo(hidden[i..]);
            sum += Vector256.Max(shown, Vector256<float>.Zero) * Vector256.Create(_outputWeights.AsSpan(i));
        }

        return 1 / (1 + MathF.Exp(-(Vector256.Sum(sum) + _outputBias)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Vector256.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Tanh(Vector256<float> x)
    {
        var two = Vector256.Create(2f);
        return (two * Sigmoid(two * x)) - Vector256<float>.One;
    }

    // Rows of the spectrum's basis for samples 1 to the middle of the window; sample 0 has no weight, and the others mirror these.
    private DenseLayer Half(float[] basis, int firstRow, int bins, int sign, int inputs)
    {
        var layer = new DenseLayer(inputs, _bins);
        for (int bin = 0; bin < bins; bin++)
        {
            var row = basis.AsSpan((firstRow + bin) * _window, _window);
            for (int n = 1; n <= _window / 2; n++)
            {
                if (row[n] != (n == _window / 2 && sign < 0 ? row[n] : sign * row[_window - n]))
                    throw new InvalidDataException("The model's spectrum has another kind of window.");
                if (n <= inputs)
                    layer.SetWeight(bin, n - 1, row[n]);
            }
        }

        return layer;
    }

    private static DenseLayer Convolution(Dictionary<string, float[]> tensors, int index, int inputs, int outputs, int inputStep, int firstTap, int taps)
    {
        var weights = Tensor(tensors, $"encoder.{index}.reparam_conv.weight", outputs * inputs * 3);
        var bias = Tensor(tensors, $"encoder.{index}.reparam_conv.bias", outputs);
        var layer = new DenseLayer(taps * inputStep, outputs);
        for (int output = 0; output < outputs; output++)
        {
            layer.SetBias(output, bias[output]);
            for (int input = 0; input < inputs; input++)
            {
                for (int tap = 0; tap < taps; tap++)
                    layer.SetWeight(output, (tap * inputStep) + input, weights[(((output * inputs) + input) * 3) + firstTap + tap]);
            }
        }

        return layer;
    }

    private static DenseLayer Gates(Dictionary<string, float[]> tensors)
    {
        const int rows = 4 * StateSize;
        var layer = new DenseLayer(2 * StateSize, rows);
        var ofInput = Tensor(tensors, "decoder.rnn.weight_ih", rows * StateSize);
        var ofHidden = Tensor(tensors, "decoder.rnn.weight_hh", rows * StateSize);
        var inputBias = Tensor(tensors, "decoder.rnn.bias_ih", rows);
        var hiddenBias = Tensor(tensors, "decoder.rnn.bias_hh", rows);
        for (int row = 0; row < rows; row++)
        {
            layer.SetBias(row, inputBias[row] + hiddenBias[row]);
            for (int i = 0; i < StateSize; i++)
            {
                layer.SetWeight(row, i, ofInput[(row * StateSize) + i]);
                layer.SetWeight(row, StateSize + i, ofHidden[(row * StateSize) + i]);
            }
        }

        return layer;
    }

    private static float[] Tensor(Dictionary<string, float[]> tensors, string name, int length) =>
        tensors.TryGetValue(name, out var values) && values.Length == length
            ? values
            : throw new InvalidDataException($"The model has no '{name}' of {length} numbers.");
}
