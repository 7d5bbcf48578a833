#!/usr/bin/env bash
# Runs docs/quickstart.md, command by command, against a server of its own in a temporary folder, and shows what happens.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT

# A binary can be named, so that tests need not build it twice.
binary=${GRAPNEL_BINARY:-$folder/grapnel}
[ -x "$binary" ] || go build -o "$binary" ./cmd/grapnel
go build -o "$folder/receiver" ./examples/receiver

# wait_for PATTERN FILE prints the first line of the file that matches, once there is one.
wait_for() {
  for _ in $(seq 100); do
    grep -m1 "$1" "$2" 2>/dev/null && return
    sleep 0.1
  done
  echo "no line with '$1' in $2:" >&2
  cat "$2" >&2
  return 1
}

"$folder/receiver" -listen 127.0.0.1:0 >"$folder/receiver.out" 2>&1 &
export RECEIVER
RECEIVER=$(wait_for '^listening at ' "$folder/receiver.out" | cut -d' ' -f3)

echo '$ OUTGOING_ALLOW=127.0.0.1 grapnel serve'
PORT=0 BIND_IP=127.0.0.1 DATA_DIR="$folder/data" OUTGOING_ALLOW=127.0.0.1 "$binary" serve >"$folder/server.out" 2>"$folder/server.log" &
server=$!
export GRAPNEL PASSWORD
GRAPNEL=$(wait_for '^Grapnel listens at ' "$folder/server.out" | sed 's/.* at \([^,]*\),.*/\1/')
PASSWORD=$(sed -n 's/^Password: \([^ ]*\).*/\1/p' "$folder/server.out")
sed 's/^Password: [^ ]*/Password: …/' "$folder/server.out"

# The plain sh blocks of the page, as one script that shows each command before it runs. Answers end without a newline;
# the shell function adds one.
curl() { command curl "$@" && echo; }
export -f curl
awk '
  /^```sh$/ { block = ""; inside = 1; next }
  /^```/ { if (inside) printf "cat <<'"'SHOWN'"'\n\n%sSHOWN\n%s", block, block; inside = 0 }
  inside { block = block $0 "\n" }
' docs/quickstart.md >"$folder/commands.sh"
bash -euo pipefail "$folder/commands.sh" 2>&1
echo
echo '$ cat receiver.out'
cat "$folder/receiver.out"
kill -TERM "$server"
wait "$server"
echo "The server stopped with exit code $?."
