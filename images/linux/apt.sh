# Fetching packages of another architecture with a private apt: its own state, cache and architecture, the
# system's sources and keys. apt verifies signatures and checksums exactly as it does for the system.
# Sourced by build.sh; uses $work, $out, say and die.

# write_sources FILE: the system's entries for the distribution's own suites (third-party repositories
# carry no kernel, and some refuse i386), as deb822 stanzas.
write_sources() {
  codename=$(. /etc/os-release 2>/dev/null; echo "${VERSION_CODENAME:-bookworm}")
  : > "$1"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    # A blank line ends a stanza; comment lines may stand anywhere.
    sed '/^#/d' "$file" | awk -v RS= -v code="$codename" '
      {
        keep = 0; enabled = 1; text = ""
        n = split($0, line, "\n")
        for (i = 1; i <= n; i++) {
          lower = tolower(line[i])
          if (lower ~ /^enabled:[ \t]*no/) enabled = 0
          if (lower ~ /^architectures/) continue
          if (lower ~ /^types:/) { if (lower !~ /deb([ \t]|$)/) enabled = 0; line[i] = "Types: deb" }
          if (lower ~ /^suites:/) {
            m = split(line[i], word, /[ \t]+/); line[i] = "Suites:"
            for (j = 2; j <= m; j++)
              if (word[j] ~ "^" code "(-security|-updates)?$" || word[j] == code "/updates") {
                line[i] = line[i] " " word[j]; keep = 1
              }
          }
          text = text line[i] "\n"
        }
        if (keep && enabled) print text
      }' >> "$1"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    awk -v code="$codename" '
      $1 == "deb" {
        signed = ""; i = 2
        if ($2 ~ /^\[/) {
          for (; i <= NF; i++) {
            option = $i; gsub(/[][]/, "", option)
            if (option ~ /^signed-by=/) { signed = option; sub(/^signed-by=/, "", signed) }
            if ($i ~ /\]$/) { i++; break }
          }
        }
        suite = $(i + 1)
        if (suite !~ "^" code "(-security|-updates)?$" && suite != code "/updates") next
        printf "Types: deb\nURIs: %s\nSuites: %s\nComponents:", $i, suite
        for (j = i + 2; j <= NF && $j !~ /^#/; j++) printf " %s", $j
        printf "\n"
        if (signed != "") printf "Signed-By: %s\n", signed
        printf "\n"
      }' "$file" >> "$1"
  done
  if [ ! -s "$1" ]; then
    # Not Debian, or an unusual set-up: the distribution that the recipe was written for.
    [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] ||
      die 2 "no Debian source in /etc/apt; install with: apt-get install debian-archive-keyring"
    printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' 'Suites: bookworm bookworm-updates' \
      'Components: main' 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' > "$1"
  fi
}

private_apt_configuration() {
  apt_root=$work/apt
  mkdir -p "$apt_root/state/lists/partial" "$apt_root/cache/archives/partial" "$apt_root/etc/parts"
  : > "$apt_root/state/status"
  write_sources "$apt_root/etc/private.sources"
  cat > "$apt_root/apt.conf" <<CONF
Dir::State "$apt_root/state";
Dir::State::status "$apt_root/state/status";
Dir::Cache "$apt_root/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt_root/etc";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt_root/etc/parts";
APT::Architecture "i386";
#clear APT::Architectures;
APT::Architectures { "i386"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::CNF;
CONF
}

apt_get() { apt-get -c "$apt_root/apt.conf" -q "$@"; }
apt_cache() { apt-cache -c "$apt_root/apt.conf" "$@"; }

# download PACKAGE: into $work/debs, verified by apt.
download() {
  say "fetching $1"
  (cd "$work/debs" && apt_get download "$1:i386") >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; die 3 "cannot fetch $1"; }
}

fetch_packages() {
  private_apt_configuration
  say "reading the package lists for i386"
  # One mirror of several may be down or in the middle of an update. What the others have is verified all
  # the same, so go on; whether it is enough shows in a moment.
  apt_get update >"$work/log" 2>&1 || { grep '^[EW]:' "$work/log" >&2; say "going on with the lists that did arrive"; }

  # linux-image-686 is a meta-package: its one dependency of that form is the kernel of the day.
  kernel=$(apt_cache depends linux-image-686:i386 2>/dev/null |
           sed -n 's/.*Depends: *\(linux-image-[0-9][^ :]*-686\)\(:i386\)\{0,1\}$/\1/p' | head -n 1)
  [ -n "$kernel" ] || die 3 "linux-image-686 for i386 is not in the package lists: no network, or no Debian archive in /etc/apt"

  mkdir "$work/debs" "$work/kernel" "$work/user"
  download busybox-static
  say "$kernel is about 70 MB, of which only the kernel itself is kept"
  download "$kernel"
  dpkg-deb --fsys-tarfile "$work"/debs/linux-image-*.deb | tar -xf - -C "$work/kernel" --wildcards './boot/vmlinuz-*' ||
    die 3 "no kernel in $kernel"
  dpkg-deb --fsys-tarfile "$work"/debs/busybox-static_*.deb | tar -xf - -C "$work/user" ./bin/busybox ||
    die 3 "no busybox in busybox-static"
  for deb in "$work"/debs/*.deb; do
    dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb"
  done | sort > "$work/versions"
  chmod 644 "$work"/kernel/boot/vmlinuz-*
  mv "$work"/kernel/boot/vmlinuz-* "$out/vmlinuz"
  mv "$work/user/bin/busybox" "$out/busybox"
  mv "$work/versions" "$out/versions"       # last: its presence says that the other two are complete
  rm -rf "$work/debs" "$work/apt" "$work/kernel" "$work/user"
}
