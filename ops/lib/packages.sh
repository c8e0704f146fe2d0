# Which Debian packages are needed, and installing those that are missing: said first, without
# recommended extras, and none of them starts a system service. Sourced by the commands in ops/.

# The packages among "$@" that are not installed, one a line.
missing_packages() {
  command -v dpkg-query >/dev/null || return 0
  local package
  local -A here=()
  while read -r package; do here[$package]=1; done < <(
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p')
  for package; do [[ -n ${here[$package]:-} ]] || printf '%s\n' "$package"; done
}

# To build and run both programs.
packages_build=(
  g++ cmake ninja-build pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libcli11-dev libcurl4-openssl-dev libfmt-dev libnats-dev librocksdb-dev libsodium-dev
  libssl-dev
  libtomlplusplus-dev libxml2-dev
)
# To build the tests of the C++ sources; python3 for those of what measures.
packages_units=(doctest-dev python3)
# To run the programs against clients written elsewhere; iproute2 makes machines with networks of
# their own.
packages_clients=(openssl curl python3 iproute2)
# To see the page as people see it. chromium wants a message bus for each login; the usual one
# brings systemd and a system service along, dbus-x11 is a program alone.
browser_packages() {
  printf '%s\n' chromium fonts-dejavu-core
  if [[ -n $(missing_packages dbus-user-session) ]]; then printf '%s\n' dbus-x11; fi
}

# Node is needed by tests alone. One that is already there, from wherever, is used and never
# replaced; otherwise Debian's own.
node_packages() {
  if ! command -v node >/dev/null; then
    printf '%s\n' nodejs npm
  elif ! command -v npm >/dev/null; then
    if [[ -n $(missing_packages nodejs) ]]; then
      fail "There is a node without npm here ($(command -v node)), and it is not Debian's." \
        "Install the npm that belongs to it, then run this again."
    fi
    printf '%s\n' npm
  fi
}

# as_root COMMAND...: directly, or through sudo.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# install_packages WHAT_FOR PACKAGE...: installs those that are missing.
install_packages() {
  local what=$1 missing
  shift
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0

  heading "Needed $what, and not installed yet: ${missing[*]}"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    say "You are not root and there is no sudo. As root, type"
    say "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    fail "and then run this again."
  fi
  ((EUID == 0)) || say "Installing them with sudo, which may ask for your password."
  as_root apt-get update -q >&2 || say "The lists of packages could not be renewed; going on."
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install them; its own words are above."
}
