#!/usr/bin/env bash
# Makes flite.wasm of Debian's source package, flite.patch and speak.c. On Debian 12: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32. Takes two minutes.
#   build.sh OUTPUT [flite_2.2.orig.tar.gz]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
output="$(realpath "$1")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if [[ $# -gt 1 ]]; then
  cp "$2" "$work/flite_2.2.orig.tar.gz"
else
  # From where this system has its packages.
  mkdir -p "$work/lists/partial" "$work/parts"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [[ -f $list ]]; then sed -n 's/^deb /deb-src /p' "$list" >"$work/parts/$(basename "$list" .list).list"; fi
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    if [[ -f $list ]]; then sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/parts/$(basename "$list")"; fi
  done
  apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/parts" -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$work" && "${apt[@]}" source --download-only --tar-only flite)
fi
echo "ab1555fe5adc3f99f1d4a1a0eb1596d329fd6d74f1464a0097c81f53c0cf9e5c  $work/flite_2.2.orig.tar.gz" | sha256sum --check --quiet
tar -xzf "$work/flite_2.2.orig.tar.gz" -C "$work"
cd "$work/flite-2.2"
patch --quiet --strip 1 <"$here/flite.patch"

sources=("$here/speak.c" src/audio/au_streaming.c src/audio/au_none.c src/audio/audio.c src/{cg,hrg,lexicon,regex,speech,stats,synth,wavesynth}/*.c)
for part in alloc args endian error features file_stdio mmap_none string tokenstream url val val_const val_user wchar; do
  sources+=("src/utils/cst_$part.c")
done
for source in lang/{usenglish,cmulex,cmu_us_slt,cmu_us_rms,cmu_us_awb}/*.c; do
  # Tables that other files include.
  [[ $source == *_huff_table.c || $source == *_data_raw.c || $source == *_num_bytes.c ]] || sources+=("$source")
done

flags=(--target=wasm32-wasi --sysroot=/usr -O3 -msimd128 -flto -fno-strict-aliasing -w -DCST_AUDIO_NONE -DCST_NO_SOCKETS -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS
  "-I$here" -Iinclude -Ilang/usenglish -Ilang/cmulex -Isrc/cg -Isrc/speech -Isrc/regex -Isrc/lexicon)
mkdir objects
compile() { clang-14 "${@:2}" -c "$1" -o "objects/$(basename "$1" .c).o"; }
export -f compile
printf '%s\0' "${sources[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'compile "$@"' _ {} "${flags[@]}"
wasm-ld-14 --no-entry --export=_initialize -z stack-size=1048576 --stack-first --gc-sections --strip-all -o "$output" \
  /usr/lib/wasm32-wasi/crt1-reactor.o objects/*.o -L/usr/lib/wasm32-wasi -lc -lwasi-emulated-process-clocks -lwasi-emulated-signal \
  /usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a
sha256sum "$output"
