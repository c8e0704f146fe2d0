# Where the demo's text messages and mails go: tocsin_sinks, which takes them all and lists them on
# a page. Sourced by ops/up.

# How long an alert of the demo waits for somebody to acknowledge it before messages leave. Shorter
# than it would be on duty, since whoever tries this is watching.
demo_patience=5

# start_sinks: leaves its page in $sinks_page, its ports in $sinks_smpp and $sinks_smtp.
start_sinks() {
  local ready=''
  # Ctrl-C is for the engine, which may still be sending; this ends when it has, or with this shell,
  # and does not hold the demo's folder.
  exec 5< <(exec setsid setpriv --pdeathsig TERM "$bin/tocsin_sinks" 9<&-)
  sinks=$!
  read -r -u 5 ready || :
  [[ $ready =~ \"page\":\"([^\"]+)\",\"smpp\":([0-9]+),\"smtp\":([0-9]+) ]] ||
    fail "tocsin_sinks did not start; its own words are above."
  sinks_page=${BASH_REMATCH[1]} sinks_smpp=${BASH_REMATCH[2]} sinks_smtp=${BASH_REMATCH[3]}
}

stop_sinks() {
  kill -TERM "$sinks" 2>/dev/null || :
  wait "$sinks" 2>/dev/null || :
}

# configure_demo DIR: the engine's configuration, anew each time, since ports are.
configure_demo() {
  local severity
  (umask 077 && printf 'exercise' >"$1/smpp.password")
  {
    printf '[sms.demo]\nurl = "smpp://tocsin@127.0.0.1:%s"\n' "$sinks_smpp"
    printf 'password_file = "smpp.password"\nsource = "TOCSIN"\n'
    printf '[email]\nurl = "smtp://127.0.0.1:%s"\nstarttls = "allowed"\n' "$sinks_smtp"
    printf 'from = "alerts@thames.example"\n'
    for severity in extreme severe moderate minor; do
      printf '[escalation.%s]\nacknowledged = %s\ndelivered = 60\n' "$severity" "$demo_patience"
    done
  } >"$1/tocsin.toml"
}

# register_demo DIR: a few organisations near the alerts that are suggested, once: what is changed
# about them later stays.
register_demo() {
  [[ ! -f $1/organisations.csv ]] || return 0
  local said
  said=$("$bin/tocsin" org import "$root/ops/lib/demo_organisations.csv" --data "$1/engine" 2>&1) ||
    fail "The demo's organisations could not be registered: $said"
  cp "$root/ops/lib/demo_organisations.csv" "$1/organisations.csv"
}
