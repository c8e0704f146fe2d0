# The parts of ./ops/test: what each builds and runs. A part that fails does not keep the others
# from running. Sourced by ops/test.

report=()
passed=0
failed=0
step_status=0
said=$(mktemp)   # by the step that runs, where nobody sits before a terminal
noted=$(mktemp)  # for the summary
trap 'rm -f "$said" "$noted"' EXIT
failures=''
failure_lines_max=60
part_seconds_max=1800  # a part that hangs ends as a failure, with a sentence

note() { tee -a "$noted" <<<"  $*" >&2; }
line() { report+=("$(printf '  %-28s %-14s %s' "$1" "$2" "$3")"); }

# last_words NAME: keeps what the step that failed said last, but for what passed, to be said again
# before the summary: who reads a long log from its end finds it there.
last_words() {
  local passed='Start +[0-9]+:|[0-9]+/[0-9]+ Test .* Passed|ok [0-9]+|# Subtest:'
  [[ -s $said ]] || return 0
  failures+=$(
    printf '\n== %s failed; its last words\n' "$1"
    grep -v -E "^ *($passed|duration_ms|type:|---|\.\.\.)" "$said" | tail -n "$failure_lines_max"
  )$'\n'
}

# run_step NAME COMMAND...: in a shell of its own, so that a `fail` inside ends the step alone.
# Counted as passed or failed, and listed with how long it took; step_status is how it ended. To be
# called as it stands and never before || or && or as a condition: Bash would then go on inside the
# step after a command that failed, whatever `set -e` says.
run_step() {
  local name=$1 since=$EPOCHREALTIME
  shift
  heading "== $name"
  set +e
  if [[ -t 1 ]]; then
    (set -e; "$@")
    step_status=$?
  else
    (set -e; "$@") 2>&1 | tee "$said"
    step_status=${PIPESTATUS[0]}
  fi
  set -e
  if ((step_status)); then
    failed=$((failed + 1))
    line "$name" "$(seconds_since "$since")" FAILED
    last_words "$name"
  else
    passed=$((passed + 1))
    line "$name" "$(seconds_since "$since")" passed
  fi
}

# run_part NAME: its build and then its tests, which are not run on what could not be built.
run_part() {
  case $1 in
    house) run_step house part_house ;;
    unit) run_on dev unit ;;
    fuzz) run_on fuzz fuzz ;;
    *) run_on release "$1" ;;
  esac
}

# run_on PRESET PART: builds that preset the first time it is asked for.
declare -A builds=()
run_on() {
  if [[ -z ${builds[$1]:-} ]]; then
    run_step "build $1" "build_$1"
    builds[$1]=$step_status
  fi
  if ((builds[$1])); then skipped "$2"; else run_step "$2" "part_$2"; fi
}

skipped() {
  failed=$((failed + 1))
  line "$1" - "FAILED, since the build did"
}

build_dev() { build dev all; }
build_fuzz() { build fuzz fuzzers; }
build_release() {
  build release tocsind tocsin tocsin_sinks make_bulletins print_mail print_webhook smpp_frames \
    send_sms run_channel print_outbox moved_clock bench_herd bench_floor bench_ingest
}

summary() {
  printf '%s' "$failures" >&2
  heading "== Summary"
  printf '%s\n' "${report[@]}" >&2
  cat "$noted" >&2
  say "$(printf '  %-28s %s' 'all of it' "$(seconds_since "$1")")"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

part_house() {
  build dev house_test
  "$root/build/dev/bin/house_test"
}

# What fails beside others is run once more alone, and named at the end whatever comes of that: a
# machine that is short of time does not fail the whole, and nobody overlooks a race.
part_unit() {
  local -a tests=(ctest --test-dir "$root/build/dev" -LE '^house$' --output-on-failure
    --no-tests=error --timeout 900)
  local logs=$root/build/dev/Testing/Temporary
  rm -f "$logs/LastTestsFailed.log"
  if "${tests[@]}" -j "$(nproc)"; then return; fi
  [[ -s $logs/LastTestsFailed.log ]] || return 1
  note "failed at first: $(cut -d: -f2- "$logs/LastTestsFailed.log" | paste -sd ";")"
  note "$(grep -h -E 'ERROR: |SUMMARY: |Timeout' "$logs/LastTest.log" | head -n 10)"
  "${tests[@]}" -j 1 --rerun-failed
}

# The tests' npm packages, as package-lock.json says, unless they are there.
fetch_node_packages() {
  local here=$root/tests/node_modules/.package-lock.installed
  cmp -s "$root/tests/package-lock.json" "$here" && return 0
  (cd "$root/tests" && npm ci --no-audit --no-fund >&2) ||
    fail "npm could not fetch the tests' packages; its own words are above."
  cp "$root/tests/package-lock.json" "$here"
}

# node_tests PRESET SECONDS FOLDER...: every test file of those folders, by Node's own runner, on
# the programs of that preset. Options of the runner may stand before the folders as --name=value.
node_tests() {
  local bin=$root/build/$1/bin seconds=$2 files
  local -a options=()
  shift 2
  while [[ $1 == --* ]]; do options+=("$1") && shift; done
  mapfile -t files < <(cd "$root/tests" && find "$@" -name '*.test.mjs' | LC_ALL=C sort)
  ((${#files[@]})) || fail "There are no tests in: $*"
  fetch_node_packages
  (cd "$root/tests" && TOCSIN_BIN=$bin \
    timeout --foreground "$seconds" node --test "${options[@]}" "${files[@]}")
}

part_integration() { node_tests release "$part_seconds_max" integration; }
part_browser() { node_tests release "$part_seconds_max" unit-js browser; }

part_crash() {
  fetch_node_packages
  TOCSIN_BIN=$root/build/release/bin timeout --foreground "$part_seconds_max" \
    node "$root/tests/crash/crash.mjs" --rounds "${CRASH_ROUNDS:-200}"
  TOCSIN_BIN=$root/build/release/bin timeout --foreground "$part_seconds_max" \
    node "$root/tests/crash/deliveries.mjs" --rounds "${CRASH_DELIVERY_ROUNDS:-20}"
}

part_fuzz() {
  local -a targets
  mapfile -t targets < <(fuzz_targets)
  fuzz_all "${FUZZ_SECONDS:-30}" 2 "${targets[@]}"
}
