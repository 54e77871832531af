# The initramfs, a cpio archive in the "newc" form of the kernel's documentation (*initramfs buffer
# format*), written by hand: that needs no root for the device nodes, and every field is ours to pin.
# Sourced by build.sh; uses $here, $work, $epoch.

cpio_inode=0

# cpio_header NAME MODE SIZE LINKS MAJOR MINOR: fourteen 8-digit fields, the name, padding to 4.
cpio_header() {
  cpio_inode=$((cpio_inode + 1))
  printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
    "$cpio_inode" "$(($2))" 0 0 "$4" "$cpio_mtime" "$3" 0 0 "$5" "$6" "$((${#1} + 1))" 0 "$1"
  cpio_pad $((110 + ${#1} + 1))
}

cpio_pad() {
  case $(($1 % 4)) in 1) printf '\0\0\0' ;; 2) printf '\0\0' ;; 3) printf '\0' ;; esac
}

cpio_directory() { cpio_header "$1" $((0040000 | 0$2)) 0 2 0 0; }
cpio_device() { cpio_header "$1" $((0020000 | 0$2)) 0 1 "$3" "$4"; }
cpio_symlink() { cpio_header "$1" $((0120777)) "${#2}" 1 0 0; printf '%s' "$2"; cpio_pad "${#2}"; }
cpio_file() {
  cpio_size=$(($(wc -c < "$3")))
  cpio_header "$1" $((0100000 | 0$2)) "$cpio_size" 1 0 0
  cat "$3"
  cpio_pad "$cpio_size"
}

# build_initramfs BUSYBOX FILE. Not compressed: two megabytes, and unpacking would only cost guest time.
build_initramfs() {
  cpio_mtime=$epoch
  {
    cpio_directory bin 755
    cpio_file bin/busybox 755 "$1"
    cpio_symlink bin/sh busybox
    cpio_directory dev 755
    cpio_device dev/console 600 5 1
    cpio_device dev/null 666 1 3
    cpio_device dev/ttyS0 600 4 64
    cpio_directory etc 755
    cpio_file init 755 "$here/init"
    cpio_directory proc 755
    cpio_directory root 700
    cpio_directory sbin 755
    cpio_directory sys 755
    cpio_directory tmp 1777
    cpio_directory usr 755
    cpio_directory usr/bin 755
    cpio_directory usr/sbin 755
    cpio_mtime=0
    cpio_header 'TRAILER!!!' 0 0 1 0 0
  } > "$2"
}
