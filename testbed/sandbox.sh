# Sourced by the tests that play against a sandbox of another process.
#
# A folder of the test's own in $work, and a sandbox that is ended with it.

work="$(mktemp -d)"
sandbox=""
trap '[[ -z "$sandbox" ]] || kill -INT "$sandbox" 2>/dev/null || true; rm -rf "$work"' EXIT

# start_sandbox PROGRAM ARGUMENT…: returns once it serves; $work/ready.json says how to reach it.
start_sandbox() {
    local program="$1"
    shift
    "$program" sandbox --ready-file "$work/ready.json" "$@" >"$work/said" &
    sandbox=$!
    for _ in $(seq 100); do
        [[ -s "$work/ready.json" ]] && return
        kill -0 "$sandbox" 2>/dev/null || break
        sleep 0.1
    done
    echo "the sandbox does not serve" >&2
    return 1
}
