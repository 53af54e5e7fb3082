#!/usr/bin/env bash
# Plays pages.mjs in headless Chromium against a sandbox; screenshots go to the folder in SHOTS if it is set.
# usage: run.sh ANTOM_DEV_PROGRAM CHROMIUM_PROGRAM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work="$(mktemp -d)"
sandbox=""
trap '[[ -z "$sandbox" ]] || kill -INT "$sandbox" 2>/dev/null || true; rm -rf "$work"' EXIT

cp package.json package-lock.json pages.mjs "$work"
(cd "$work" && npm ci --silent --ignore-scripts --no-audit --no-fund)

"$1" sandbox --ready-file "$work/ready.json" --notify-url http://127.0.0.1:9/notify >"$work/said" &
sandbox=$!
for _ in $(seq 100); do
    [[ -s "$work/ready.json" ]] && break
    kill -0 "$sandbox" 2>/dev/null || { echo "the sandbox ended"; exit 1; }
    sleep 0.1
done
cd "$work"
timeout 180 node pages.mjs "$work/ready.json" "$2" "$work/profile"
