#!/usr/bin/env bash
# Tries the two commands where nothing is installed: a fresh Debian 12 in a folder, and in it a
# fresh clone of what is committed here. Needs root and debootstrap; leaves nothing mounted.
set -euo pipefail
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
source "$source_root/ops/lib/say.sh"

usage() {
  say "usage: tests/support/bare_debian.sh [--dir DIR] [--keep] [build|up|test|shell]…"
  say "  build    ./ops/build"
  say "  up       ./ops/up until the page answers, twice; then Ctrl-C"
  say "  test     ./ops/test"
  say "  shell    a shell inside, to look around"
  say "Both up and test unless some are named. --dir says where the root is made: a new folder"
  say "below /var/tmp unless you say otherwise. --keep leaves it there, and a later run with the"
  say "same --dir goes on with it."
}

dir='' keep=no steps=()
while (($#)); do
  case $1 in
    --dir) dir=${2:?--dir needs a folder} && shift ;;
    --keep) keep=yes ;;
    build | up | test | shell) steps+=("$1") ;;
    -h | --help) usage && exit 0 ;;
    *) usage_error "unknown: $1" ;;
  esac
  shift
done
((${#steps[@]})) || steps=(up test)
((EUID == 0)) || fail "This needs root, for chroot and mounts."
command -v debootstrap >/dev/null || fail "This needs debootstrap: apt-get install debootstrap"
[[ -n $dir ]] || dir=$(mktemp -d /var/tmp/tocsin-bare.XXXXXX)
mkdir -p "$dir"
place=$dir/root

leave() {
  local mount
  for mount in proc sys dev; do
    if mountpoint -q "$place/$mount"; then umount -R "$place/$mount" || keep=yes; fi
  done
  if [[ $keep == yes ]]; then
    say "The root is kept: $place"
  else
    rm -rf --one-file-system "$dir"
  fi
}
trap leave EXIT

make_root() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | sort -u | grep -v security | head -n 1)
  debootstrap --variant=minbase bookworm "$place" "$mirror" >"$dir/debootstrap.log" 2>&1 ||
    fail "debootstrap failed; see $dir/debootstrap.log"
  cp /etc/apt/sources.list.d/debian.sources "$place/etc/apt/sources.list.d/"
  rm -f "$place/etc/apt/sources.list"
  cp /etc/resolv.conf /etc/hosts "$place/etc/"
  mkdir -p "$place/srv/person"
  # What this machine needs to reach its package registry, where that is something of its own.
  cat "$HOME/.npmrc" /usr/etc/npmrc /etc/npmrc 2>/dev/null | grep -v '^cafile' \
    >"$place/srv/person/.npmrc" || :
  if [[ -f ${NODE_EXTRA_CA_CERTS:-} ]]; then
    cp "$NODE_EXTRA_CA_CERTS" "$place/etc/machine-ca.crt"
    printf 'cafile=/etc/machine-ca.crt\n' >>"$place/srv/person/.npmrc"
  fi
}

# enter COMMAND: becomes that command, in the root, in the clone, with an environment of nothing.
enter() {
  exec chroot "$place" /usr/bin/env -i HOME=/srv/person TERM=dumb \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/etc/machine-ca.crt} \
    ${TOCSIN_JOBS:+TOCSIN_JOBS=$TOCSIN_JOBS} /bin/bash -c "cd /srv/tocsin && $1"
}
inside() { (enter "$1"); }

enter_root() {
  local mount
  [[ -x $place/bin/bash ]] || make_root
  for mount in proc sys dev; do
    mountpoint -q "$place/$mount" || mount --rbind "/$mount" "$place/$mount"
    mount --make-rslave "$place/$mount"
  done
  rm -rf "$dir/clone"
  git clone -q "$source_root" "$dir/clone"
  rm -rf "$dir/clone/.git"  # nothing inside may need git
  mkdir -p "$place/srv/tocsin"
  cp -a "$dir/clone/." "$place/srv/tocsin/"
}

# What would start by itself.
services() {
  (cd "$place/etc" && find systemd/system rc[2-5].d -type l 2>/dev/null | LC_ALL=C sort)
}

# The page, asked for by bash alone; this machine's own loopback is the root's as well.
page_answers() {
  local line
  { exec 5<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$port" >&5
  IFS= read -r line <&5 || :
  exec 5>&-
  [[ $line == "HTTP/1.1 200"* ]]
}

# up_once LOG: ./ops/up until the page answers; leaves its process in $up.
up_once() {
  local since=$EPOCHREALTIME
  enter "exec ./ops/up --port $port" >"$1" 2>&1 &
  up=$!
  until page_answers; do
    kill -0 "$up" 2>/dev/null || { tail -n 40 "$1" >&2 && fail "./ops/up ended before its page"; }
    sleep 0.05
  done
  say "./ops/up: the page answered after $(seconds_since "$since")"
}

down() {
  local since=$EPOCHREALTIME status=0
  kill -TERM "$up"
  wait "$up" || status=$?
  say "./ops/up ended with $status after $(seconds_since "$since")"
  ((status == 0))
}

# What ./ops/up prints to be typed, typed as printed; passphrases and the area's name, which a
# person types at the terminal, come from descriptors and flags here.
first_alert() {
  local typed
  typed=$(sed -n 's/^    //p' "$1")
  [[ $typed == *"alert draft"*"alert sign"*"alert send"*"alert cancel"* ]] ||
    fail "./ops/up does not say how to send an alert and cancel it."
  inside 'set -e
tocsin() {
  case $2 in
    approve) command tocsin "$@" --area-name "Southwark riverside" --passphrase-fd 3 3<<<exercise ;;
    sign | cancel) command tocsin "$@" --passphrase-fd 3 3<<<exercise ;;
    *) command tocsin "$@" ;;
  esac
}
set -x
'"$typed" >&2 || fail "What ./ops/up prints could not be typed."
}

try_up() {
  local before after
  port=18080
  before=$(services)
  up_once "$dir/up.log"
  first_alert "$dir/up.log"
  down
  after=$(services)
  [[ $before == "$after" ]] || fail "Installing enabled a service: $(diff <(echo "$before") \
    <(echo "$after") || :)"
  up_once "$dir/up.again.log"
  down
}

try_test() {
  local since=$EPOCHREALTIME status=0
  inside ./ops/test >"$dir/test.log" 2>&1 || status=$?
  tail -n 20 "$dir/test.log" >&2
  say "./ops/test: $(seconds_since "$since"), exit $status; all its words: $dir/test.log"
  ((status == 0))
}

enter_root
for step in "${steps[@]}"; do
  heading "== $step"
  case $step in
    build) inside ./ops/build ;;
    up) try_up ;;
    test) try_test ;;
    shell) inside 'exec bash -i' || : ;;
  esac
done
