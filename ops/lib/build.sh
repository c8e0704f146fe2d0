# Configuring and building, with progress. Sourced by the commands in ops/ after say.sh.

# How many compilers at once: one a core, and 1.5 GB of free memory for each.
build_jobs() {
  local cores free_kb by_memory
  cores=$(nproc)
  free_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  by_memory=$((${free_kb:-1500000} / 1500000))
  ((by_memory >= 1)) || by_memory=1
  printf '%s\n' "${TOCSIN_JOBS:-$((cores < by_memory ? cores : by_memory))}"
}

# Rooms are found by their CMakeLists.txt; this names those there are.
rooms() { (cd "$root" && find engine connectors ops tests -name CMakeLists.txt | LC_ALL=C sort); }

# configure PRESET: makes build/PRESET unless it stands already, with the rooms there are. What
# changes inside the CMake files is noticed by the build itself.
configure() {
  local dir=$root/build/$1 output now
  now=$(rooms)
  if [[ -f $dir/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"; then
    say "build/$1 was made in another place: it is made anew."
    find "$dir" -mindepth 1 -not -name .lock -delete
  fi
  if [[ -f $dir/build.ninja && -f $dir/rooms.txt && $(<"$dir/rooms.txt") == "$now" ]]; then
    return 0
  fi
  output=$(cd "$root" && cmake --preset "$1" 2>&1) || {
    say "$output"
    fail "CMake could not configure the preset '$1'; its own words are above."
  }
  printf '%s\n' "$now" >"$dir/rooms.txt"
}

# build PRESET TARGET...: prints how far it is, nothing when there is nothing to do. Two at once in
# one folder would spoil each other, so the second waits.
build() {
  local dir=$root/build/$1
  mkdir -p "$dir"
  {
    flock -n 8 || { say "Another build of build/$1 is running: waiting for it." && flock 8; }
    build_alone "$dir" "$@" 8>&-
  } 8>"$dir/.lock"
}

build_alone() {
  local dir=$1 jobs
  configure "$2"
  shift 2
  if [[ $(ninja -C "$dir" -n --quiet "$@" 2>/dev/null) == 'ninja: no work to do.' ]]; then
    return 0
  fi
  jobs=$(build_jobs)
  say "Compilers at once: $jobs (one a core, each with 1.5 GB of free memory)."
  local status=0
  NINJA_STATUS='[%f of %t, %e s] ' ninja -C "$dir" -j "$jobs" "$@" >&2 || status=$?
  # Ctrl-C (2, from 1.12 on 130): what is built stays, and nothing has failed.
  ((status != 2 && status != 130)) ||
    fail "The build was interrupted; it goes on from there the next time."
  ((status == 0)) || fail "The build failed; the compiler's own words are above."
}
