#!/usr/bin/env bash
# Fetches the assets again from the packages that README.md lists, checks them and packs them. Needs npm. Nothing of a package is run.
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
