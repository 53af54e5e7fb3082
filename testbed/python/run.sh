#!/usr/bin/env bash
# Installs the vendor's Python SDK beside everything else, starts a sandbox over HTTPS on port 443, and plays sdk.py.
# usage: run.sh ANTOM_DEV_PROGRAM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work="$(mktemp -d)"
sandbox=""
trap '[[ -z "$sandbox" ]] || kill -INT "$sandbox" 2>/dev/null || true; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

port=8093
"$1" sandbox --tls --listen 127.0.0.1:443 --notify-url "http://127.0.0.1:$port/notify" \
    --ready-file "$work/ready.json" --ca-file "$work/ca.pem" >"$work/said" &
sandbox=$!
for _ in $(seq 100); do
    [[ -s "$work/ready.json" ]] && break
    kill -0 "$sandbox" 2>/dev/null || { echo "the sandbox ended"; exit 1; }
    sleep 0.1
done
timeout 120 "$work/venv/bin/python" sdk.py "$work/ready.json" "$port"
