// Registers changed by hand, from the window and from gdb.
#pragma once

#include <string>

#include "cpu/cpu.h"

namespace ringside {

/// Changes a register of a machine that stands still. Names are the manuals':
///   EAX..EDI, EIP, EFLAGS, CR0, CR2, CR3, CR4, DR0..DR3, DR6, DR7, MXCSR, "x87 control", "x87 status": hexadecimal;
///   ES, CS, SS, DS, FS, GS, LDTR, TR: a selector, loaded with the checks that an instruction makes at the present CPL;
///   "DS base", "DS limit", "GDTR base", "GDTR limit", ...: the hidden part itself, with no check;
///   XMM0..7: 32 hexadecimal digits; ST(0)..(7): a decimal number, or "4000 C90FDAA22168C235".
/// Throws DebuggerError with the reason in a sentence where that cannot be, and then nothing has changed. A change is no
/// input: whoever calls this starts a new future.
void edit_register(Cpu& cpu, const std::string& name, const std::string& value);

}  // namespace ringside
