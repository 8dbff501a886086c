#!/usr/bin/env bash
# Builds everything, checks the format, runs all tests, and starts what the container would start.
#
#   tests/run.sh                   everything
#   tests/run.sh --only Sessions   the test projects whose name contains "Sessions"; "page" and "publish" are names, too
#
# Ends with the line "N passed, N failed". Exit code: 0 all passed, 1 something failed, 2 a tool is missing.
# CHROMIUM names the browser. TEST_TIMEOUT is the longest time for one project, in seconds.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
exec </dev/null

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
export MSBUILDDISABLENODEREUSE=1 MSBUILDTERMINALLOGGER=off NO_COLOR=1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

only=""
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only="${2:?--only needs a part of a project name}"; shift 2 ;;
    -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "Unknown argument: $1 (see --help)" >&2; exit 2 ;;
  esac
done

readonly timeout_seconds="${TEST_TIMEOUT:-900}"
passed=0 failed=0 skipped=0
server_pid=""
work="$(mktemp -d)" || exit 2
chmod 755 "$work" # The published server runs as another user, who must get in.

cleanup() {
  if [ -n "$server_pid" ]; then kill -KILL "$server_pid" 2>/dev/null; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

say() { printf '%s\n' "$*"; }
pass() { passed=$((passed + 1)); say "  ok    $1"; }
fail() { failed=$((failed + 1)); say "  FAIL  $1"; }
indent() { sed 's/^/        /'; }
selected() { [ -z "$only" ] || [[ "$1" == *"$only"* ]]; }

finish() {
  if [ "$skipped" -gt 0 ]; then say "$skipped skipped; their reasons are in the tests."; fi
  if [ "$((passed + failed))" -eq 0 ]; then
    say "Nothing was run: no project is called *$only*."
    failed=1
  fi
  say "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

# 1. Tools ------------------------------------------------------------------------------------------------------------

node_version() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }
has_dotnet() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }
has_node() { command -v npm >/dev/null && [ "$(node_version || true)" -ge 20 ] 2>/dev/null; }

find_chromium() {
  local candidate
  for candidate in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      export CHROMIUM="$candidate"
      return 0
    fi
  done
  return 1
}

install_missing() {
  local packages=() as_root=()
  command -v apt-get >/dev/null || return
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return
    as_root=(sudo -n)
  fi
  has_dotnet || packages+=(dotnet-sdk-10.0)
  has_node || packages+=(nodejs npm)
  find_chromium || packages+=(chromium)
  [[ -x ${FIREFOX:-/usr/bin/firefox-esr} ]] || packages+=(firefox-esr)
  # The recogniser with recordings of real voices, and a synthesiser of other languages: their tests are skipped where these are not.
  [ -d /usr/share/pocketsphinx/model/en-us ] || packages+=(libpocketsphinx3 pocketsphinx-en-us)
  [ -d /usr/share/pocketsphinx/test/data ] || packages+=(pocketsphinx-testdata)
  command -v espeak-ng >/dev/null || packages+=(espeak-ng)
  # Telephones: their tests are skipped where these are not.
  command -v baresip >/dev/null || packages+=(baresip-core)
  command -v sipp >/dev/null || packages+=(sip-tester)
  command -v kamailio >/dev/null || [ -x /usr/sbin/kamailio ] || packages+=(kamailio kamailio-tls-modules)
  command -v linphonec >/dev/null || packages+=(linphone-cli)
  # A firewall in a network of its own, which only root can make: skipped where that is not allowed.
  command -v ip >/dev/null || [ -x /usr/sbin/ip ] || packages+=(iproute2)
  command -v nft >/dev/null || [ -x /usr/sbin/nft ] || packages+=(nftables)
  [ "${#packages[@]}" -gt 0 ] || return

  ${as_root[@]+"${as_root[@]}"} apt-get update -qq >"$work/apt.log" 2>&1
  local package
  for package in "${packages[@]}"; do
    # One by one: what this release does not carry must not keep the others out.
    if apt-cache show "$package" >/dev/null 2>&1; then
      say "Installing $package, which the tests need and which is not here."
      ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
        >>"$work/apt.log" 2>&1 || tail -n 5 "$work/apt.log" | indent
    fi
  done
}

require_tools() {
  local missing=()
  has_dotnet || missing+=("the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0")
  has_node || missing+=("node 20 or newer, with npm: https://nodejs.org")
  find_chromium || missing+=("Chromium or Chrome: install it, or set CHROMIUM to its path")
  if [ "${#missing[@]}" -gt 0 ]; then
    say "The tests need what is not here:"
    printf '  - %s\n' "${missing[@]}"
    exit 2
  fi
}

# 2. Build and format -------------------------------------------------------------------------------------------------

test_projects() {
  local project
  for project in tests/*/*.csproj; do
    if grep -q 'Microsoft.NET.Test.Sdk' "$project" && selected "$(basename "$project" .csproj)"; then say "$project"; fi
  done
}

# A registry that fails once is asked a second time, after a pause.
twice() {
  "$@" && return
  sleep 10
  "$@"
}

restore() { dotnet restore "$1" -v q >"$work/restore.log" 2>&1; }

build() {
  local target
  for target in "$@"; do
    if ! twice restore "$target"; then
      fail "restore $target"
      grep -E 'error' "$work/restore.log" | sort -u | head -n 20 | indent
      finish
    fi
    if ! dotnet build "$target" -c Release --no-restore -v q >"$work/build.log" 2>&1; then
      fail "build $target"
      grep -E '(error|warning) ' "$work/build.log" | sed "s|$PWD/||g; s| \[[^]]*\]$||" | sort -u | head -n 60 | indent
      finish
    fi
  done
  pass "build, without warnings"
}

check_format() {
  if dotnet format VoiceCarnival.sln --verify-no-changes --no-restore >"$work/format.log" 2>&1; then
    pass "format"
  else
    fail "format (dotnet format VoiceCarnival.sln puts most of it right)"
    grep -E '(error|warning) ' "$work/format.log" | sed "s|$PWD/||g; s| \[[^]]*\]$||" | sort -u | head -n 40 | indent
  fi
}

# 3. Tests ------------------------------------------------------------------------------------------------------------

# macOS has no timeout; there the limit of the hanging test alone applies.
limited() {
  if command -v timeout >/dev/null; then timeout --kill-after=20 "$timeout_seconds" "$@"; else "$@"; fi
}

counter() { sed -n "s/.*<Counters \([^>]*\).*/ \1/p" "$2" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | head -n 1; }

# Exactly what the lock file pins.
npm_ci() { (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; }

run_project() {
  local project="$1" name node results log code began=$SECONDS
  name="$(basename "$project" .csproj)"
  # The page's tests take the same clients of npm as those of other clients do.
  node="tests/${name/Browser/Interop}/node"
  if [ -f "$node/package-lock.json" ] && ! twice npm_ci "$node"; then
    fail "$name: npm ci"
    tail -n 20 "$work/npm.log" | indent
    return
  fi
  results="$work/$name.trx"
  log="$work/$name.log"
  # Each project is a program of its own that runs its tests. Not through dotnet test: there, a test that crashes its process
  # is waited for until the time is over, where the program itself just ends.
  (
    cd "tests/$name/bin/Release/net10.0" || exit
    limited dotnet "$name.dll" -result-trx "$results" -longRunning 120 -noLogo -noColor
  ) >"$log" 2>&1
  code=$?

  local ok=0 bad=0 total=0 executed=0
  if [ -f "$results" ]; then
    ok="$(counter passed "$results")"
    bad="$(counter failed "$results")"
    total="$(counter total "$results")"
    executed="$(counter executed "$results")"
  fi
  ok="${ok:-0}" bad="${bad:-0}" total="${total:-0}" executed="${executed:-0}"
  # A crash or a hang ends the run without a failed test to count.
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi

  passed=$((passed + ok))
  failed=$((failed + bad))
  skipped=$((skipped + total - executed))
  if [ "$bad" -gt 0 ]; then
    say "  FAIL  $name: $ok passed, $bad failed, $((SECONDS - began)) s"
    if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then say "        ended after $timeout_seconds s"; fi
    grep -vE '^[[:space:]]*((Discover|Start|Finish)(ing|ed): |=== TEST|at (Xunit\.v3|System\.(Runtime\.CompilerServices|Threading|Reflection))|$)' "$log" | sed "s|$PWD/||g" | head -n 200 | indent
  elif [ "$total" -eq 0 ]; then
    say "  --    $name has no tests yet"
  else
    say "  ok    $name: $ok passed, $((SECONDS - began)) s"
  fi
}

# 4. The page ---------------------------------------------------------------------------------------------------------

# The summary of node's test runner, whichever reporter wrote it.
node_count() { sed -nE "s/^[^0-9a-z]* ?$1 ([0-9]+)\$/\1/p" "$work/page.log" | awk '{ sum += $1 } END { print sum + 0 }'; }

run_page() {
  local code ok bad began=$SECONDS
  if ! twice npm_ci tests/page; then
    fail "page: npm ci"
    tail -n 20 "$work/npm.log" | indent
    return
  fi
  (cd tests/page && limited npm test) >"$work/page.log" 2>&1
  code=$?
  ok="$(node_count pass)" bad="$(node_count fail)"
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  skipped=$((skipped + $(node_count skipped)))
  if [ "$bad" -gt 0 ]; then
    say "  FAIL  page: $ok passed, $bad failed, $((SECONDS - began)) s"
    grep -vE '^[[:space:]]*(✔|ok [0-9]|# Subtest)' "$work/page.log" | head -n 200 | indent
  elif [ "$ok" -eq 0 ]; then
    pass "page: npm test"
  else
    say "  ok    page: $ok passed, $((SECONDS - began)) s"
  fi
}

# 5. What the container would run -------------------------------------------------------------------------------------

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if ! answers "$port"; then
      say "$port"
      return
    fi
  done
}

http_status() {
  local _version status _reason
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
  read -r -t 10 _version status _reason <&3
  exec 3>&-
  say "${status:-none}"
}

# Leaves the process id in server_pid.
start_published() {
  local port="$1" as_nobody=()
  if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    # Not where the SDK lies in a folder of root's own.
    "${as_nobody[@]}" dotnet --list-runtimes >/dev/null 2>&1 || as_nobody=()
  fi
  if [ "${#as_nobody[@]}" -eq 0 ]; then say "        (as $(id -un): there is no way to another user here)"; fi
  cd "$work/app" || return
  # Ports are open on every address, so who may call has to be said.
  HOME=/nonexistent ASPNETCORE_HTTP_PORTS="$port" VoiceCarnival__Access__Authentication=off ${as_nobody[@]+"${as_nobody[@]}"} dotnet VoiceCarnival.Server.dll >"$work/server.log" 2>&1 &
  server_pid=$!
  cd "$OLDPWD" || return
}

check_publish() {
  local project port path status code i
  for project in src/*/*.csproj; do
    # Its layer cache holds only if every project file is copied before the restore.
    grep -q "$project" Dockerfile || fail "Dockerfile does not copy $project before it restores"
  done

  if ! dotnet publish src/VoiceCarnival.Server -c Release -o "$work/app" -p:UseAppHost=false -v q >"$work/publish.log" 2>&1; then
    fail "publish"
    grep -E 'error' "$work/publish.log" | sort -u | head -n 20 | indent
    return
  fi
  pass "publish"
  chmod -R a+rX "$work/app"

  port="$(free_port)"
  start_published "$port"
  for ((i = 0; i < 300; i++)); do
    if answers "$port" || ! kill -0 "$server_pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  for path in /healthz / /js/main.js; do
    status="$(http_status "$port" "$path" 2>/dev/null)"
    if [ "$status" = 200 ]; then pass "published server: $path"; else fail "published server: $path answers ${status:-nothing}"; fi
  done

  kill -TERM "$server_pid" 2>/dev/null
  for ((i = 0; i < 300; i++)); do
    if ! kill -0 "$server_pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  if kill -KILL "$server_pid" 2>/dev/null; then code="none"; else wait "$server_pid"; code=$?; fi
  server_pid=""
  if [ "$code" = 0 ]; then
    pass "published server: stops when told"
  else
    fail "published server: stops when told (exit code $code)"
    tail -n 30 "$work/server.log" | indent
  fi
}

# ---------------------------------------------------------------------------------------------------------------------

install_missing
require_tools

projects=()
while IFS= read -r project; do projects+=("$project"); done < <(test_projects)
if [ -z "$only" ]; then
  build VoiceCarnival.sln
  check_format
elif [ "${#projects[@]}" -gt 0 ]; then
  build "${projects[@]}"
fi
for project in ${projects[@]+"${projects[@]}"}; do run_project "$project"; done
if [ -d tests/page ] && selected page; then run_page; fi
if selected publish; then check_publish; fi
finish
