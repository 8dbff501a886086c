#!/bin/sh
# Makes the speech files of this folder from text. Needs espeak-ng (1.51) and sox (14.4). See README.md.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say NAME VOICE WORDS-PER-MINUTE PITCH TEXT: one utterance at 24 kHz mono, its silent ends cut off.
# -D: no dither, so that silence stays digital silence; -R: repeatable.
say() {
  espeak-ng -v "$2" -s "$3" -p "$4" -w "$work/$1.22k.wav" "$5"
  sox -R -D "$work/$1.22k.wav" -r 24000 -c 1 -b 16 "$work/$1.wav" rate -h \
    silence 1 0.005 0.1% reverse silence 1 0.005 0.1% reverse gain -n -6
}

# pause NAME SECONDS: digital silence.
pause() { sox -R -D -n -r 24000 -c 1 -b 16 "$work/$1.wav" trim 0 "$2"; }

pause p03 0.3
pause p04 0.4
pause p05 0.5
pause p08 0.8
pause p12 1.2

say hello en-us 165 50 "Hello, can you hear me?"
sox -R -D "$work/p05.wav" "$work/hello.wav" "$work/p05.wav" -b 16 hello.wav

say question en-gb 160 45 "Could you tell me what the weather will be like tomorrow afternoon?"
sox -R -D "$work/p05.wav" "$work/question.wav" "$work/p05.wav" -b 16 question.wav

# Two speakers take turns; pauses of 0.3 to 0.5 s.
set -- "$work/p05.wav"
n=0
for word in one two three four five six seven eight nine ten; do
  n=$((n + 1))
  if [ $((n % 2)) -eq 1 ]; then say "c$n" en-us+f3 170 60 "$word"; else say "c$n" en-us+m3 170 35 "$word"; fi
  if [ $((n % 3)) -eq 0 ]; then gap=p05; elif [ $((n % 3)) -eq 1 ]; then gap=p03; else gap=p04; fi
  set -- "$@" "$work/c$n.wav" "$work/$gap.wav"
done
sox -R -D "$@" -b 16 counting.wav

# A fake microphone for a browser: it loops, so it starts and ends silent.
say b1 en-us 165 50 "Please tell me a story."
say b2 en-us 170 50 "Stop, I have a question."
sox -R -D "$work/p05.wav" "$work/b1.wav" "$work/p12.wav" "$work/b2.wav" "$work/p08.wav" -b 16 barge-in.wav
sox -R -D barge-in.wav -r 48000 -b 16 barge-in-48k.wav rate -h
