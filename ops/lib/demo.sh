# The demo system: an exercise, with one root key and two control rooms of two officers each. All
# its keys have the passphrase `exercise`, so nothing in it is secret. Sourced by ops/up.

demo_system=exercise-demo
demo_marker=.tocsin-demo

# name, holder, sender, what the room is called, the region it may speak for
demo_officers=(
  "thames-reed:Anna Reed:control@thames.example:Thames Control Room:E12000007"
  "thames-okafor:Ben Okafor:control@thames.example:Thames Control Room:E12000007"
  "mercia-jones:Carys Jones:control@mercia.example:Mercia Control Room:E12000005"
  "mercia-patel:Dev Patel:control@mercia.example:Mercia Control Room:E12000005"
)

# hold_demo DIR: keeps other ./ops/up off this folder, as long as this one or its engine lives.
hold_demo() {
  [[ -f $1/$demo_marker ]] || return 0
  exec 9<"$1/$demo_marker"
  flock -n 9 || fail "Another ./ops/up is running on $1. Stop it, or choose another with --data."
}

# forget_demo DIR: deletes a folder that ./ops/up made, and no other.
forget_demo() {
  [[ -e $1 ]] || return 0
  [[ -f $1/$demo_marker ]] ||
    fail "$1 was not made by ./ops/up, so --fresh does not delete it. Choose another with --data."
  say "Deleting $1, with all alerts in it."
  rm -rf -- "$1"
}

# make_demo DIR: keys and a signed trust document, unless they are there.
make_demo() {
  local dir=$1
  if [[ -d $dir && ! -f $dir/$demo_marker && -n $(ls -A "$dir") ]]; then
    fail "$dir has files that ./ops/up did not make. Choose an empty or a new folder with --data."
  fi
  [[ -f $dir/trust.json ]] && return 0
  say "Making the exercise system $demo_system in $dir"
  mkdir -p "$dir"
  [[ -f $dir/$demo_marker ]] || : >"$dir/$demo_marker"
  hold_demo "$dir"
  rm -rf "$dir/keys" "$dir/trust.draft"
  (umask 077 && mkdir "$dir/keys")
  make_demo_keys "$dir/keys"
  make_demo_trust "$dir"
}

demo_key() {
  "$bin/tocsin" key new --holder "$2" --out "$1" --passphrase-fd 3 --strength interactive \
    3<<<exercise >/dev/null 2>"$1.said" || fail "The key $1 could not be made: $(<"$1.said")"
  rm -f "$1.said"
}

make_demo_keys() {
  local officer name holder
  demo_key "$1/root.key" "Demo Root"
  for officer in "${demo_officers[@]}"; do
    IFS=: read -r name holder _ <<<"$officer"
    demo_key "$1/$name.key" "$holder"
  done
}

make_demo_trust() {
  local dir=$1 draft=$1/trust.draft said=$1/trust.said
  {
    "$bin/tocsin" trust init --system "$demo_system" --kind exercise \
      --root "$dir/keys/root.key" --threshold 1 --out "$draft" &&
      demo_sender "$dir" 0 1 && demo_sender "$dir" 2 3 &&
      "$bin/tocsin" trust sign "$draft" --key "$dir/keys/root.key" --out "$dir/trust.new" \
        --passphrase-fd 3 3<<<exercise
  } >"$said" 2>&1 || fail "The trust document could not be made: $(<"$said")"
  rm -f "$draft" "$said"
  mv "$dir/trust.new" "$dir/trust.json"
}

# demo_sender DIR FIRST SECOND: the control room of those two officers. Actual alerts need both;
# this system takes none, but the rule is shown as a live one would have it.
demo_sender() {
  local first second _ sender name area category
  local -a categories=()
  IFS=: read -r first _ sender name area <<<"${demo_officers[$2]}"
  IFS=: read -r second _ <<<"${demo_officers[$3]}"
  for category in Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other; do
    categories+=(--category "$category")
  done
  "$bin/tocsin" trust add-sender "$1/trust.draft" --sender "$sender" --name "$name" \
    --officer "$1/keys/$first.key:originate,approve,cancel" \
    --officer "$1/keys/$second.key:originate,approve,cancel" \
    --area "$area" "${categories[@]}" --max-severity Extreme \
    --status Actual --status Exercise --status Test --scope Public \
    --approval Actual:Minor:2 --rate 60
}
