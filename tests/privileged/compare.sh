#!/bin/sh
# Runs the privileged kernel on one machine and compares each case's line with the model's.
#   compare.sh MACHINE PROGRAM MODEL IMAGES SCRATCH
# MACHINE: ringside-kernel, ringside-floppy, ringside-disk, qemu, bochs. PROGRAM is the emulator, MODEL the
# privileged_model program, IMAGES the folder of privileged.elf and privileged.img. In SCRATCH it leaves `lines` (what
# the machine said), `expected`, `expected.notes` (with each case's parameters) and `differences`.
# QEMU_CPU and BOCHS_CPU choose those emulators' processors. Exit code 0: all lines agree.
set -u
if [ $# -ne 5 ]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
machine=$1 program=$2 model=$3 images=$4 scratch=$5
mkdir -p "$scratch" || exit 2
cd "$scratch" || exit 2
rm -f output lines expected expected.notes differences log

run_ringside() {
  timeout 500 "$program" run "$@" --memory 32M --serial none --debugcon file:output --debug-exit \
    --max-instructions 20000000000 >log 2>&1
}

run_bochs() {
  cp "$images/privileged.img" floppy.img && rm -f floppy.img.lock
  printf 'c\nq\n' >commands
  # The rfb display needs no screen; sound is off because its mixer wants a sound card.
  cat >bochsrc <<END
megs: 32
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
cpu: model=${BOCHS_CPU:-p4_willamette}, count=1, ignore_bad_msrs=0, ips=100000000, reset_on_triple_fault=0
clock: sync=none
display_library: rfb, options="timeout=0"
sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
boot: floppy
floppya: 1_44=floppy.img, status=inserted
port_e9_hack: enabled=1
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
  timeout 500 "$program" -q -f bochsrc -rc commands >output 2>log </dev/null
}

case $machine in
  ringside-kernel) run_ringside --kernel "$images/privileged.elf" ;;
  ringside-floppy) run_ringside --fda "$images/privileged.img" ;;
  ringside-disk) run_ringside --hda "$images/privileged.img" ;;
  qemu)
    timeout "${QEMU_SECONDS:-60}" "$program" -accel tcg -cpu "${QEMU_CPU:-pentium3,+sse2}" -m 32 -nodefaults -vga std -display none \
      -monitor none -no-reboot -debugcon file:output -device isa-debug-exit,iobase=0xf4,iosize=1 \
      -kernel "$images/privileged.elf" >log 2>&1
    ;;
  bochs) run_bochs ;;
  *)
    echo "compare.sh: no machine '$machine'" >&2
    exit 2
    ;;
esac

features=$(sed -n 's/^# privileged cases, CPUID 1: [0-9a-f]* \([0-9a-f]*\).*/\1/p' output | head -n 1)
if [ -z "$features" ]; then
  echo "$machine: the kernel did not start; see $scratch/log" >&2
  exit 1
fi
grep -aE '^[a-z0-9]+\.[0-9]+ ' output >lines
"$model" --features "$features" --notes >expected.notes || exit 2
sed 's/ #.*//' expected.notes >expected
cases=$(wc -l <expected)
if cmp -s expected lines; then
  echo "$machine: all $cases cases agree"
  exit 0
fi
# One block a difference: what the model says, with the parameters, and what the machine said.
awk 'NR == FNR { said[$1] = $0; next }
     { line = $0; sub(/ #.*/, "", line)
       if (said[$1] != line) { print $0; print "    " (($1 in said) ? said[$1] : "(nothing)") } }' \
  lines expected.notes >differences
echo "$machine: $(grep -c '^    ' differences) of $cases cases differ; see $scratch/differences"
head -n 20 differences
exit 1
