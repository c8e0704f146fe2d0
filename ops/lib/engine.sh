# Running the demo's engine in the foreground, after sinks.sh. Sourced by ops/up.

# check_port PORT: a sentence when somebody listens there already.
check_port() {
  (($1)) || return 0
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    fail "Port $1 on 127.0.0.1 is in use, perhaps by another ./ops/up." \
      "Stop that one, or choose another port: ./ops/up --port $(($1 < 65535 ? $1 + 1 : 8080))"
  fi
}

# run_engine DIR PORT: starts tocsind, says what to do when it is ready, stays until it ends.
# Ctrl-C, a closed terminal or a plain kill stop it cleanly.
run_engine() {
  local ready='' url status=0
  start_sinks
  configure_demo "$1"
  # It ends with this shell, however that ends.
  exec 4< <(exec setpriv --pdeathsig TERM "$bin/tocsind" --config "$1/tocsin.toml" \
    --data "$1/engine" --trust "$1/trust.json" --listen "127.0.0.1:$2")
  engine=$!
  stopping=no
  trap 'stopping=yes; kill -TERM "$engine" 2>/dev/null || :' INT TERM HUP
  read -r -u 4 ready || :
  url=${ready#*\"url\":\"}
  url=${url%%\"*}
  if [[ $ready == *'"ready":true'* && $stopping == no ]]; then
    register_demo "$1"
    say_next "$1" "$url" "$ready"
    if [[ $stopping == no && -t 2 ]]; then say "Stop with Ctrl-C."; fi
  fi
  while kill -0 "$engine" 2>/dev/null; do
    status=0
    wait "$engine" || status=$?
  done
  stop_sinks
  if [[ $stopping == yes && $status -eq 0 ]]; then
    say "Stopped. Everything sent is kept in $1; start again with ./ops/up"
    exit 0
  fi
  fail "tocsind ended by itself (exit $status); its own words are above."
}

# shown PATH: as a person would type it from here.
shown() {
  if [[ $1 == "$PWD"/* ]]; then printf '%q' "${1#"$PWD"/}"; else printf '%q' "$1"; fi
}

# say_next DIR URL READY: what to open, and what to type. The next alert follows the log's head.
say_next() {
  local keys fire number=1 next=1
  if [[ $3 =~ \"head\":([0-9]+) ]]; then next=$((BASH_REMATCH[1] + 1)); fi
  keys=$(shown "$1/keys")
  while [[ -e $1/fire-$number.signed || -e $1/fire-$number.cancel.xml ]]; do
    number=$((number + 1))
  done
  fire=$(shown "$1/fire-$number")
  cat >&2 <<END

${green}Tocsin is up: an exercise, on this machine alone.${plain}

  Open   $2
  See    $sinks_page  (what people are sent by SMS and e-mail)

  Then send an alert, in another terminal. Every demo key has the passphrase: exercise

    cd $(printf '%q' "$PWD")
    export PATH=$(printf '%q' "$bin"):\$PATH
    export TOCSIN_SERVER=$2 TOCSIN_TRUST=$(shown "$1/trust.json")

    tocsin alert draft --key $keys/thames-reed.key --out $fire.xml \\
      --event "Warehouse fire" --category Fire --urgency Immediate --severity Severe \\
      --certainty Observed --headline "Close windows and doors: smoke" \\
      --instruction "Stay inside until this is cancelled." \\
      --area-desc "Southwark riverside" --circle "51.505,-0.095 0.8"
    tocsin alert sign $fire.xml --key $keys/thames-reed.key
    tocsin alert approve $fire.signed --key $keys/thames-okafor.key
    tocsin alert send $fire.signed

  The page shows it within the second. Where nobody acknowledges it, text messages and mails leave
  after $demo_patience s, to nobody but this machine. When it is over:

    tocsin alert cancel $next --key $keys/thames-reed.key --reason "The fire is out."

  Watch as partners do: tocsin alert watch --after 0

END
}
