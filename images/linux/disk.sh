# The bootable disk: MBR code from the syslinux package, one FAT16 partition, SYSLINUX on it. All of it is
# made with mtools in a plain file, so neither root nor a loop device is needed.
# Sourced by build.sh; uses $work, $out, $mbr, $append, say, die.

disk_sectors=$((32 * 2048))                       # 32 MiB
disk_start=2048                                   # the partition's first sector, at 1 MiB as usual today

# byte VALUE: one octet as printf's octal escape.
byte() { printf "\\$(printf '%03o' "$1")"; }
dword() { for shift in 0 8 16 24; do byte $((($1 >> shift) & 255)); done; }

# chs LBA: three bytes of the classic geometry, 16 heads of 63 sectors, as partition entries have it.
chs() {
  cylinder=$(($1 / (16 * 63)))
  byte $(($1 / 63 % 16))
  byte $((($1 % 63 + 1) | (cylinder >> 2 & 192)))
  byte $((cylinder & 255))
}

# put FILE OFFSET: standard input into FILE at OFFSET, the rest untouched.
put() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

write_mbr() {
  dd if="$mbr" of="$1" bs=440 count=1 conv=notrunc status=none
  { dword $((0x44535352)); byte 0; byte 0; } | put "$1" 440        # disk signature: "RSSD"
  {
    byte 128                                                  # active
    chs $disk_start
    byte 14                                                   # type 0Eh, FAT16 by LBA
    chs $((disk_sectors - 1))
    dword $disk_start
    dword $((disk_sectors - disk_start))
  } | put "$1" 446
  { byte 85; byte 170; } | put "$1" 510
}

write_boot_menu() {
  cat > "$1" <<MENU
# Labels: linux (the default), and noacpi for a PC without ACPI and APIC.
# With SERIAL the prompt is on COM1 as well as on the screen.
SERIAL 0 115200
PROMPT 1
TIMEOUT 3
DEFAULT linux

LABEL linux
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND $append

LABEL noacpi
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND $append acpi=off noapic nolapic
MENU
}

build_disk() {
  image=$1
  partition="$image@@$((disk_start * 512))"
  truncate -s $((disk_sectors * 512)) "$image"
  write_mbr "$image"
  # -N pins the volume's serial number; geometry as in the partition entry, -H the sectors before it.
  mformat -i "$partition" -v RINGSIDE -N 52535344 -h 16 -s 63 -T $((disk_sectors - disk_start)) \
    -H $disk_start -c 4 :: || die 3 "mformat failed"
  write_boot_menu "$work/syslinux.cfg"
  cp "$out/vmlinuz" "$work/vmlinuz"
  cp "$out/initramfs.cpio" "$work/initrd.img"
  touch -d "@$epoch" "$work/syslinux.cfg" "$work/vmlinuz" "$work/initrd.img"
  # The loader first: it must be the first file, in clusters that follow each other.
  syslinux --offset $((disk_start * 512)) --install "$image" || die 3 "syslinux failed"
  mcopy -m -i "$partition" "$work/syslinux.cfg" "$work/vmlinuz" "$work/initrd.img" :: || die 3 "mcopy failed"
}
