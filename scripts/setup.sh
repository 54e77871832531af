# Sourced by ./ringside and ./check: installs what is missing, configures and builds. Everything that it says
# goes to standard error, so that standard output belongs to the guest.

say() { printf 'ringside: %s\n' "$*" >&2; }

# missing_packages CLASS...: those of scripts/packages.txt in these classes that are not installed.
missing_packages() {
  local wanted='' class name rest installed
  while read -r class name rest; do
    case $class in ''|'#'*) continue ;; esac
    case " $* " in *" $class "*) wanted="$wanted $name" ;; esac
  done < "$root/scripts/packages.txt"
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ') || true
  for name in $wanted; do
    case " $installed " in *" $name "*) ;; *) printf '%s ' "$name" ;; esac
  done
}

# install_packages CLASS...: through apt, as root or with sudo; otherwise says what to do by hand.
install_packages() {
  local missing become=''
  if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    if command -v clang++ >/dev/null && command -v cmake >/dev/null && command -v ninja >/dev/null && command -v nasm >/dev/null; then
      return 0
    fi
    say "this system has no apt; please install what stands in scripts/packages.txt under your system's names"
    exit 1
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      become=sudo
    else
      say "these packages are needed and not installed: $missing"
      say "please install them as root: apt-get install --no-install-recommends $missing"
      exit 1
    fi
  fi
  say "installing what is needed to build and not there yet: $missing"
  # shellcheck disable=SC2086
  { $become env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    $become env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } >&2 || {
    say "the packages could not be installed; please do it by hand: apt-get install $missing"
    exit 1
  }
}

# build_targets TARGET...: in build/, one caller at a time. Quiet when there is little to do.
build_targets() {
  local quiet=
  mkdir -p "$root/build"
  exec 9>"$root/build/.lock"
  if command -v flock >/dev/null 2>&1; then flock 9; fi
  if [ ! -f "$root/build/build.ninja" ]; then
    say "configuring build/"
    (cd "$root" && cmake --preset release >&2) || exit 1
  fi
  if [ -x "$root/build/ringside" ]; then quiet=--quiet; else say "building; the first time takes some minutes"; fi
  ninja -C "$root/build" $quiet -j "$(nproc)" "$@" 9>&- | sed -u '/no work to do/d' >&2 || { say "the build failed"; exit 1; }
  exec 9>&-
}
