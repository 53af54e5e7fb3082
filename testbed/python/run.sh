#!/usr/bin/env bash
# Installs the vendor's Python SDK beside everything else, starts a sandbox over HTTPS on port 443, and plays sdk.py.
# usage: run.sh ANTOM_DEV_PROGRAM
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

source ../sandbox.sh

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

port=8093
start_sandbox "$1" --tls --listen 127.0.0.1:443 --ca-file "$work/ca.pem" \
    --notify-url "http://127.0.0.1:$port/notify"
timeout 120 "$work/venv/bin/python" sdk.py "$work/ready.json" "$port"
