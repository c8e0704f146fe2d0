# Talking to the person at the terminal. Talk goes to standard error, data to standard output.
# Sourced by the commands in ops/; needs bash and coreutils, nothing else.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' red='' green='' plain=''
fi

say() { printf '%s\n' "$*" >&2; }
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain" >&2; }
fail() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}
usage_error() {
  printf '%s\n' "$*" >&2
  exit 2
}

# seconds_since START: whole seconds since $EPOCHREALTIME was START, as 1.2 s or 3 min 04 s.
seconds_since() {
  local us=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/})))
  if ((us < 60000000)); then
    printf '%d.%d s' $((us / 1000000)) $((us / 100000 % 10))
  else
    printf '%d min %02d s' $((us / 60000000)) $((us / 1000000 % 60))
  fi
}
