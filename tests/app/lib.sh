# Sourced by the scripts beside it: `expect`, and a scratch folder that goes away.
ringside=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

fail() { printf 'FAILED: %s\n' "$*"; failures=$((failures + 1)); }

# expect CODE PATTERN ARGS...: `ringside ARGS` must end with CODE, and for the codes 1 and 2 say exactly one line
# on standard error, which matches the extended regular expression PATTERN, and nothing on standard output.
expect() {
  local code=$1 pattern=$2 status lines
  shift 2
  timeout 60 "$ringside" "$@" >out 2>err </dev/null
  status=$?
  [ "$status" -eq "$code" ] || { fail "[$*] ended with $status instead of $code: $(head -n 3 err)"; return; }
  [ -z "$pattern" ] || grep -Eq -- "$pattern" err || fail "[$*] says '$(cat err)', which does not match '$pattern'"
  if [ "$code" -eq 1 ] || [ "$code" -eq 2 ]; then
    lines=$(wc -l <err)
    [ "$lines" -eq 1 ] || fail "[$*] says $lines lines instead of one: $(cat err)"
    [ ! -s out ] || fail "[$*] writes to standard output: $(head -n 1 out)"
  fi
}

finish() {
  [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
  echo "all good"
}
