#!/bin/sh
# Assembles a real Linux guest from the distribution's packages: Debian's unmodified 32-bit kernel and
# a static busybox. Works as any user, installs nothing, changes nothing outside OUTDIR.
#
#   build.sh OUTDIR
#
#   OUTDIR/vmlinuz          the kernel (a bzImage), for --kernel
#   OUTDIR/initramfs.cpio   /init, busybox, device nodes, for --initrd
#   OUTDIR/disk.img         MBR + FAT16 + SYSLINUX with both, for --hda
#   OUTDIR/versions         which packages they came from
#
# RINGSIDE_LINUX_APPEND     text for the disk's default boot label (default: console=ttyS0)
#
# The same packages give the same bytes: times, serial numbers and orders are pinned. Called again it
# fetches nothing that is there. Exit codes: 0 done, 1 usage, 2 a tool is missing, 3 a step failed.
set -eu
export LC_ALL=C TZ=UTC
umask 022

here=$(cd "$(dirname "$0")" && pwd)
epoch=946684800                                   # 2000-01-01, the guest's own default date
export SOURCE_DATE_EPOCH=$epoch
append=${RINGSIDE_LINUX_APPEND:-console=ttyS0}

say() { printf 'linux guest: %s\n' "$*"; }
die() { code=$1; shift; printf 'linux guest: %s\n' "$*" >&2; exit "$code"; }

[ $# -eq 1 ] || die 1 "usage: build.sh OUTDIR"
case $append in *"
"*) die 1 "RINGSIDE_LINUX_APPEND must be one line";; esac

# --- what we need from the host -------------------------------------------------------------------
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need apt-get apt
need dpkg-deb dpkg
need mformat mtools
need syslinux syslinux
mbr=
for candidate in /usr/lib/SYSLINUX/mbr.bin /usr/lib/syslinux/mbr/mbr.bin /usr/share/syslinux/mbr.bin; do
  [ -r "$candidate" ] && { mbr=$candidate; break; }
done
[ -n "$mbr" ] || missing="$missing syslinux-common"
[ -z "$missing" ] || die 2 "missing; install with: apt-get install$missing"

mkdir -p "$1" || die 3 "cannot create $1"
out=$(cd "$1" && pwd)
[ -w "$out" ] || die 3 "cannot write to $out"

# Everything is made in a scratch folder and renamed into place at the end of its step, so that an
# interrupted run leaves no half of anything. It lies in OUTDIR, because a rename needs one file system.
work=$(mktemp -d "$out/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 3' HUP INT TERM

# --- packages -------------------------------------------------------------------------------------
. "$here/apt.sh"
if [ -s "$out/vmlinuz" ] && [ -s "$out/busybox" ] && [ -s "$out/versions" ]; then
  say "kernel and busybox are there already ($(tr '\n' ' ' < "$out/versions"))"
else
  fetch_packages
fi

# --- images ---------------------------------------------------------------------------------------
. "$here/initramfs.sh"
. "$here/disk.sh"

# The stamp holds what the images depend on: the packages' files, these scripts, the kernel's command line.
stamp=$( { printf '%s\n' "$append"; cat "$out/vmlinuz" "$out/busybox" "$mbr" "$here"/*.sh "$here/init"; \
           syslinux --version 2>&1; } | sha256sum | cut -d' ' -f1)
if [ -s "$out/initramfs.cpio" ] && [ -s "$out/disk.img" ] && [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
  say "images are up to date in $out"
  exit 0
fi
rm -f "$out/stamp"
say "building initramfs.cpio"
build_initramfs "$out/busybox" "$work/initramfs.cpio"
mv "$work/initramfs.cpio" "$out/initramfs.cpio"
say "building disk.img (append: $append)"
build_disk "$work/disk.img"
mv "$work/disk.img" "$out/disk.img"
printf '%s\n' "$stamp" > "$work/stamp"
mv "$work/stamp" "$out/stamp"
say "done: $out/vmlinuz, initramfs.cpio, disk.img"
