# What .ci/run and .ci/nightly share. They source it from the root of the checkout.

export CI="${CI:-true}"
export TEST_DATABASE_URL="${TEST_DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres}"
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT

stop() {
  echo "ci: $*" >&2
  exit 1
}

postgres_listens() {
  local rest="${TEST_DATABASE_URL#*://}"
  rest="${rest#*@}"
  local host_and_port="${rest%%[/?]*}"
  local host="${host_and_port%%:*}" port=5432
  [[ "$host_and_port" == *:* ]] && port="${host_and_port##*:}"
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null
}

wait_for_postgres() {
  for _ in {1..30}; do
    postgres_listens && return
    sleep 1
  done
  stop "no PostgreSQL listens at ${TEST_DATABASE_URL##*@}; start one or set TEST_DATABASE_URL"
}

postgres_answers() {
  node --input-type=module --eval "
    import { Client } from 'pg';
    const url = new URL(process.env.TEST_DATABASE_URL);
    url.searchParams.set('uselibpqcompat', 'true');
    const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 10000 });
    await client.connect();
    console.log((await client.query('select version()')).rows[0].version);
    await client.end();
  "
}

# Installs programs that tests start: a browser, PostgreSQL's own programs, a pooler, a mail server, a proxy. RUNLEVEL=1
# keeps them from starting by themselves.
install_programs() {
  apt-get update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@"
}

programs_needed() {
  [[ -x /usr/bin/chromium ]] || echo chromium
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo postgresql
  [[ -x /usr/sbin/pgbouncer ]] || echo pgbouncer
  [[ -x /usr/sbin/postfix ]] || echo postfix
  [[ -x /usr/sbin/nginx ]] || echo nginx-light
  [[ -x /usr/bin/openssl ]] || echo openssl
}

# Runs one check and remembers a failure. The other checks still run, so that one run shows all failures.
failures=()
check() {
  echo "── $*"
  "$@" || failures+=("$*")
}

# Runs npm scripts one after the other, beside the tests. They use the time in which tests wait for a process or a
# database. Their priority is the lowest, so that the tests have the cores first.
start_beside() {
  : >"$results/beside.failed"
  (
    renice -n 19 "$BASHPID" >/dev/null
    failures=()
    for script in "$@"; do check npm run "$script"; done
    printf '%s\n' "${failures[@]}" >"$results/beside.failed"
  ) >"$results/beside.log" 2>&1 &
  beside=$!
}

# Waits for these scripts. Their output appears as a whole, so that it doesn't mix with that of the tests.
finish_beside() {
  local failure
  wait "$beside" || failures+=("the checks beside the tests")
  cat "$results/beside.log"
  while read -r failure; do
    [[ -z "$failure" ]] || failures+=("$failure")
  done <"$results/beside.failed"
}

# Adds up what Jest wrote: closing_line <failed checks> <result file>... A suite that could not run, a skipped test and
# a run without a result count as failures. With a failed check (lint, types) it never says "0 failed".
closing_line() {
  node --eval "
    const { existsSync, readFileSync } = require('node:fs');
    let passed = 0, failed = 0;
    const [checks, ...files] = process.argv.slice(1);
    for (const file of files) {
      const run = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0 };
      passed += run.numPassedTests;
      failed += run.numFailedTests + run.numRuntimeErrorTestSuites + run.numPendingTests;
    }
    failed = Math.max(failed, Number(checks));
    console.log(passed + ' passed, ' + failed + ' failed');
    process.exit(failed > 0 || passed === 0 ? 1 : 0);
  " "$@"
}

# Installs the programs and packages that the tests need. Ends with an error without PostgreSQL.
prepare() {
  wait_for_postgres
  mapfile -t needed < <(programs_needed)
  if ((${#needed[@]})); then
    install_programs "${needed[@]}" || install_programs "${needed[@]}" || stop "apt-get could not install ${needed[*]}"
  fi
  npm ci
  postgres_answers || stop "PostgreSQL at ${TEST_DATABASE_URL##*@} listens but does not answer a query"
}

# Prints the failed checks and the closing line: closing <result file>...
closing() {
  local failure
  for failure in "${failures[@]}"; do echo "ci: failed: $failure" >&2; done
  closing_line "${#failures[@]}" "$@"
}
