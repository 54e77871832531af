#!/usr/bin/env bash
# A guest that dies ends its run with exit code 4 and an explanation: the faults with their causes, the registers,
# the instructions that led there. The guests are ROMs assembled from deaths/.
here=$(dirname "$(readlink -f "$0")")
sources=$here/deaths
. "$here/lib.sh"

# death NAME PATTERN...: the guest dies, and each line pattern follows the one before in what is said about it.
death() {
  local name=$1 pattern
  shift
  nasm -f bin -I "$sources/" -o "$name.rom" "$sources/$name.asm" || { fail "$name does not assemble"; return; }
  expect 4 '' run --guest none --memory 2M --bios "$name.rom"
  cp err rest
  for pattern in "$@"; do
    grep -Eq -- "$pattern" rest || { fail "$name: '$pattern' is not said in order: $(cat err)"; return; }
    sed -E "0,/${pattern//\//\\/}/d" rest >rest2 && mv rest2 rest
  done
}

registers='^EAX [0-9A-F]{8}  EBX'
death paging 'triple fault' 'chain of faults' \
  '#PF: the page-directory entry is not present .*0DEAD000h.*read' \
  '#PF: the page-table entry is not present .*00005070h' \
  '#DF: ' '#PF: the page-table entry is not present .*00005040h' \
  "$registers" '^CR0 E' 'instructions that led there' 'mov cr0, eax' 'mov eax, \[0x0?DEAD000\]'
death v86 'triple fault' 'chain of faults' \
  ' at F000:.*#GP: ' ' at F000:.*#NP: .*not present' '#DF: ' '#NP: .*not present' \
  "$registers" 'EFLAGS 000[2-3].*VM' 'instructions that led there' 'iretd' 'nop' 'hlt'
death stack 'triple fault' 'chain of faults' \
  '#UD: ' '#SS: .*limit' '#SS: .*limit' '#DF: ' '#SS: .*limit' "$registers" 'instructions that led there' 'ud2'
death task_gate 'triple fault' 'chain of faults' \
  '#(NP|GP): ' '#DF: ' '#GP: .*TSS' "$registers" 'instructions that led there' 'rep stosd .*times' 'int3'
death asleep 'halted with interrupts off' "$registers" 'EAX 12345678|CR0' 'instructions that led there' \
  'mov eax, 0x12345678' 'hlt'
grep -q 'chain of faults' err && fail "asleep: there was no fault: $(cat err)"
finish
