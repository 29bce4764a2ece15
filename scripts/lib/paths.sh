# shellcheck shell=bash disable=SC2034
# Where things are. All scripts source this file, so that a move changes this file only.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vectors=$root/conformance
judge=$root/conformance/judge
fuzz=$root/tests/fuzz
constant_time=$root/tests/constant-time
benches=$root/tests/benches
browser=$root/tests/browser

# The workspaces share what they build.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
