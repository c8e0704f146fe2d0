# Running the fuzzers and measuring what they reach. Sourced by ops/fuzz and ops/test after say.sh,
# packages.sh and build.sh.

# A command that fails ends $(…) too, where `set -e` holds around it.
shopt -s inherit_errexit

packages_fuzz=(clang libclang-rt-14-dev)
packages_coverage=(clang libclang-rt-14-dev llvm-14 python3)
fuzz_input_bytes_max=65536
fuzz_input_seconds_max=60
fuzz_memory_mb_max=2048

fuzz_targets() {
  sed -n 's/^tocsin_fuzz(\([a-z_]*_fuzz\).*/\1/p' "$root/tests/fuzz/CMakeLists.txt"
}

# of_target PRESET TARGET seeds|covers|units: what CMake wrote down, one a line.
of_target() {
  sed -n "s/^$3 //p" "$root/build/$1/tests/fuzz/$2.target" | tr -s ' ' '\n' | sed '/^$/d'
}

build_fuzzers() {
  install_packages "to fuzz" "${packages_build[@]}" "${packages_units[@]}" "${packages_fuzz[@]}"
  build fuzz "$@"
}

# fuzz_one TARGET SECONDS: one fuzzer. Its words go into a file; what matters is said. Besides the
# time on the clock the processor's own is noted: on a busy machine that is what was worked.
fuzz_one() {
  local target=$1 found=$root/build/fuzz/found/$1 grown=$root/build/fuzz/corpus/$1
  local said=$root/build/fuzz/$1.said dict=$root/tests/fuzz/$1.dict status=0
  local since=$EPOCHREALTIME
  local -a seeds options=()
  mkdir -p "$found" "$grown"
  mapfile -t seeds < <(of_target fuzz "$target" seeds)
  [[ -f $dict ]] && options+=("-dict=$dict")
  local TIMEFORMAT='%U %S'
  { time "$root/build/fuzz/bin/$target" "-max_total_time=$2" "-max_len=$fuzz_input_bytes_max" \
    "-timeout=$fuzz_input_seconds_max" "-rss_limit_mb=$fuzz_memory_mb_max" \
    -print_final_stats=1 "-artifact_prefix=$found/" "${options[@]}" "$grown" "${seeds[@]}" \
    >"$said" 2>&1; } 2>"$said.time" || status=$?
  local inputs seconds=$(((${EPOCHREALTIME/[.,]/} - ${since/[.,]/}) / 1000000)) reached worked
  worked=$(awk 'END {printf "%d", $1 + $2}' "$said.time")
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$said")
  reached=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$said" | tail -n 1)
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$target" "$seconds" "${inputs:-?}" \
    "$status" "$worked" >>"$root/build/fuzz/log.tsv"
  if ((status)); then
    say "$target FOUND something after ${inputs:-?} inputs. The input is in $found;" \
      "the words are in $said. Play it again: ./ops/fuzz $target --one FILE"
    sed -n '/broken promise\|ERROR:\|runtime error\|SUMMARY/p' "$said" | head -n 5 >&2
  else
    say "$target: ${inputs:-?} inputs in $seconds s ($worked s of work), ${reached:-?} edges," \
      "nothing found"
  fi
  return "$status"
}

# fuzz_all SECONDS JOBS TARGET…: so many at once; fails if any found something, after all ran.
fuzz_all() {
  local each=$1 jobs=$2 failures=0 running=0 target
  shift 2
  for target; do
    if ((running >= jobs)); then
      wait -n || failures=$((failures + 1))
      running=$((running - 1))
    fi
    fuzz_one "$target" "$each" &
    running=$((running + 1))
  done
  while ((running > 0)); do
    wait -n || failures=$((failures + 1))
    running=$((running - 1))
  done
  if ((failures)); then fail "$failures of $# found something; see $root/build/fuzz/found."; fi
  say "$# targets, $each s each: nothing found."
}

# measure TARGET: what its seeds alone reach, and what the units that read the same sources reach
# with them, into seeds.json and all.json of a folder that is said.
measure() {
  local target=$1 bin=$root/build/coverage/bin profiles=$root/build/coverage/profiles/$1 program
  local -a seeds objects
  rm -rf "$profiles"
  mkdir -p "$profiles"
  mapfile -t seeds < <(of_target coverage "$target" seeds)
  [[ -d $root/build/fuzz/corpus/$target && -n ${FUZZ_GROWN:-} ]] &&
    seeds+=("$root/build/fuzz/corpus/$target")
  LLVM_PROFILE_FILE=$profiles/seeds.profraw "$bin/$target" "${seeds[@]}" >/dev/null
  llvm-profdata-14 merge -sparse "$profiles/seeds.profraw" -o "$profiles/seeds.profdata"
  llvm-cov-14 export -summary-only -instr-profile "$profiles/seeds.profdata" "$bin/$target" \
    >"$profiles/seeds.json"
  objects=("$bin/$target")
  while read -r program; do
    (cd "$profiles" && LLVM_PROFILE_FILE=$profiles/$program.profraw "$bin/$program" >/dev/null) ||
      fail "$program fails; run it by itself: $bin/$program"
    objects+=(-object "$bin/$program")
  done < <(of_target coverage "$target" units)
  llvm-profdata-14 merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
  llvm-cov-14 export -summary-only -instr-profile "$profiles/all.profdata" "${objects[@]}" \
    >"$profiles/all.json"
  printf '%s\n' "$profiles"
}

# show_coverage TARGET…: a Markdown table on standard output; fails where the seeds of a target
# reach less than 90 % of its lines.
coverage_percent_min=90
show_coverage() {
  local target program profiles below=0
  local -a wanted=() covers
  install_packages "to measure" "${packages_build[@]}" "${packages_units[@]}" \
    "${packages_coverage[@]}"
  configure coverage
  for target; do
    wanted+=("$target")
    while read -r program; do wanted+=("$program"); done < <(of_target coverage "$target" units)
  done
  build coverage "${wanted[@]}"
  printf '| target | source | lines | by seeds alone | and by units |\n|---|---|---|---|---|\n'
  for target; do
    mapfile -t covers < <(of_target coverage "$target" covers)
    profiles=$(measure "$target")
    python3 "$root/ops/lib/coverage_table.py" "$target" "$coverage_percent_min" \
      "$profiles/seeds.json" "$profiles/all.json" "${covers[@]}" || below=$((below + 1))
  done
  if ((below)); then fail "$below of $# are below $coverage_percent_min %."; fi
}
