#!/usr/bin/env bash
# Plays pages.mjs in headless Chromium against a sandbox; screenshots go to the folder in SHOTS if it is set.
# usage: run.sh ANTOM_DEV_PROGRAM CHROMIUM_PROGRAM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

source ../sandbox.sh

cp package.json package-lock.json pages.mjs "$work"
(cd "$work" && npm ci --silent --ignore-scripts --no-audit --no-fund)

start_sandbox "$1" --notify-url http://127.0.0.1:9/notify
cd "$work"
timeout 180 node pages.mjs "$work/ready.json" "$2" "$work/profile"
