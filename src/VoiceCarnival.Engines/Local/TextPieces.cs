namespace VoiceCarnival.Engines.Local;

/// <summary>Cuts text into the pieces that deltas carry: about a word each for short texts, larger for long ones so that their number stays bounded.</summary>
internal static class TextPieces
{
    private const int MaxPieces = 200;

    public static Enumerator Of(string text) => new(text, Math.Max(1, text.Length / MaxPieces));

    internal ref struct Enumerator(string text, int least)
    {
        private int _start;
        private int _end;

        public readonly ReadOnlySpan<char> Current => text.AsSpan(_start, _end - _start);

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_end >= text.Length)
                return false;
            _start = _end;
            _end = Math.Min(text.Length, _start + least);
            while (_end < text.Length && (!char.IsWhiteSpace(text[_end]) || char.IsLowSurrogate(text[_end])))
                _end++;
            return true;
        }
    }
}
