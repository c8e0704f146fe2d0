# Three nats-servers and three engines on this machine, in the foreground. Sourced by ops/cluster.

cluster_names=(a b c)

# find_nats_server DIR: the program, in $nats_server: an installed one, or Debian's, unpacked there.
find_nats_server() {
  nats_server=$(command -v nats-server || :)
  [[ -z $nats_server ]] || return 0
  nats_server=$1/nats-server/usr/sbin/nats-server
  [[ ! -x $nats_server ]] || return 0
  say "Fetching nats-server from Debian; it is unpacked in $(shown "$1"), not installed."
  mkdir -p "$1/nats-server"
  (cd "$1/nats-server" && apt-get download -qq nats-server &&
    dpkg-deb -x ./*.deb .) >/dev/null 2>&1 ||
    fail "The package nats-server could not be fetched. Is there a network?"
}

# configure_servers DIR FIRST: client ports FIRST…, routes FIRST+3….
configure_servers() {
  local i j routes
  for i in 0 1 2; do
    routes=
    for j in 0 1 2; do routes+="${routes:+, }\"nats://127.0.0.1:$(($2 + 3 + j))\""; done
    cat >"$1/nats-${cluster_names[i]}.conf" <<END
server_name: ${cluster_names[i]}
listen: "127.0.0.1:$(($2 + i))"
jetstream { store_dir: "$1/nats-${cluster_names[i]}", max_mem: 64M, max_file: 2G }
cluster { name: tocsin, listen: "127.0.0.1:$(($2 + 3 + i))", routes: [$routes] }
END
  done
}

# make_shared_key DIR: what the engines seal with, when they share organisations.
make_shared_key() {
  [[ -f $1/shared.key ]] || (umask 077 && head -c 32 /dev/urandom | base64 >"$1/shared.key")
  printf '%s\n' '[cluster]' 'shared_key_file = "shared.key"' >"$1/engine.toml"
}

# start_engine DIR NAME PORT URLS: leaves its process id in $engine.
start_engine() {
  exec 4< <(exec setpriv --pdeathsig TERM "$bin/tocsind" --config "$1/engine.toml" \
    --data "$1/engine-$2" --node "$2" \
    --trust "$1/trust.json" --listen "127.0.0.1:$3" --cluster "$4" 2>>"$1/engine-$2.log")
  engine=$!
  local ready=''
  read -r -u 4 ready || :
  [[ $ready == *'"ready":true'* ]] || fail "Engine $2 did not start; see $1/engine-$2.log."
}

# run_cluster DIR PORT: engines on PORT…, servers 2000 above; stays until Ctrl-C.
run_cluster() {
  local i urls='' first=$(($2 + 2000)) pids=() stopping=no
  for i in 0 1 2; do check_port "$(($2 + i))"; done
  find_nats_server "$1"
  configure_servers "$1" "$first"
  make_shared_key "$1"
  trap 'stopping=yes' INT TERM HUP
  for i in 0 1 2; do
    setsid setpriv --pdeathsig TERM "$nats_server" -c "$1/nats-${cluster_names[i]}.conf" \
      2>>"$1/nats-${cluster_names[i]}.log" 9<&- &
    pids+=($!)
    urls+="${urls:+,}nats://127.0.0.1:$((first + i))"
  done
  for i in 0 1 2; do
    [[ $stopping == no ]] || break
    start_engine "$1" "${cluster_names[i]}" "$(($2 + i))" "$urls"
    pids=("$engine" "${pids[@]}")
  done
  [[ $stopping == yes ]] || say_cluster "$1" "$2" "$urls"
  while [[ $stopping == no ]]; do wait -n || :; [[ $stopping == yes ]] || sleep 1; done
  kill -TERM "${pids[@]}" 2>/dev/null || :
  wait || :
  say "Stopped. Everything sent is kept in $(shown "$1"); start again with ./ops/cluster"
}

# say_cluster DIR PORT URLS
say_cluster() {
  local keys fire
  keys=$(shown "$1/keys")
  fire=$(shown "$1/fire-$(date +%s)")
  cat >&2 <<END

${green}Three engines share one log: an exercise, on this machine alone.${plain}

  Open   http://127.0.0.1:$2 and http://127.0.0.1:$(($2 + 1)) and http://127.0.0.1:$(($2 + 2))

  Then, in another terminal, send an alert to one and see it on all. The passphrase is: exercise

    cd $(printf '%q' "$PWD")
    export PATH=$(printf '%q' "$bin"):\$PATH TOCSIN_TRUST=$(shown "$1/trust.json")
    tocsin alert draft --key $keys/thames-reed.key --out $fire.xml \\
      --event "Warehouse fire" --category Fire --urgency Immediate --severity Moderate \\
      --certainty Observed --headline "Close windows and doors: smoke" \\
      --instruction "Stay inside until this is cancelled." \\
      --area-desc "Southwark riverside" --circle "51.505,-0.095 0.8"
    tocsin alert sign $fire.xml --key $keys/thames-reed.key
    tocsin alert send $fire.signed --server http://127.0.0.1:$(($2 + 1))

  How each stands:      tocsin status --data $(shown "$1/engine-a")
  Kill one and go on:   pkill -KILL -f 'tocsind.*--node c'

Stop with Ctrl-C.
END
}
