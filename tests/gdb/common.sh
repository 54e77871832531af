# What the scripts here share; to be sourced. A folder of their own, a machine in the background (`machine` is its process)
# that ends with them, and a count of what failed.
command -v gdb >/dev/null || { echo "gdb is not installed"; exit 77; }
scratch=$(mktemp -d)
machine=
trap 'kill $machine 2>/dev/null; rm -rf "$scratch"' EXIT
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
# has PATTERN TEXT
has() { grep -Eq -- "$1" <<<"$2" || fail "'$1' is not in: $2"; }
finish() {
  [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }
  echo "all good"
}
