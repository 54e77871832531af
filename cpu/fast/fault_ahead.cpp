// Page faults without a C++ exception. A guest takes hundreds of thousands of them, nearly all on the one memory
// operand of a plain instruction, and unwinding the host's stack costs more than all the rest of a fault.
#include "cpu/access.h"
#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

/// The first access that an instruction makes to memory, if it is one whose place is known from the op alone.
struct FirstAccess {
  unsigned segment = kNoSeg;
  std::uint32_t offset = 0;
  unsigned size = 0;  ///< 0: not such an instruction
  Access access = Access::kRead;
};

FirstAccess stack_access(const Cpu& cpu, unsigned size, bool push) {
  const std::uint32_t esp = push ? cpu.moved_esp(-static_cast<std::int32_t>(size)) : cpu.gpr[kESP];
  return {kSS, esp & cpu.stack_mask(), size, push ? Access::kWrite : Access::kRead};
}

FirstAccess first_access(const Cpu& cpu, const Op& op) {
  const OpcodeRow& row = opcode_rows()[row_of(op.id)];
  const unsigned wide = (op.flags & kOperand32) != 0 ? 4 : 2;
  const unsigned size = (row.encoding & kByteOperation) != 0 ? 1 : wide;
  const bool memory = (op.flags & kMemory) != 0;
  const auto operand = [&](Access access, unsigned bytes) {
    return memory ? FirstAccess{op.seg, effective_offset(cpu, op), bytes, access} : FirstAccess{};
  };
  const bool compares = static_cast<alu::Op>(row.variant) == alu::Op::kCmp;
  switch (row.fast) {
    case Fast::kMovRegRm:
    case Fast::kAluRegRm:
    case Fast::kTestRmReg:
    case Fast::kTestRmImm:
    case Fast::kImulRegRm:
    case Fast::kImulRegRmImm:
    case Fast::kMul:
    case Fast::kImul:
    case Fast::kDiv:
    case Fast::kCmov:
    case Fast::kJmpRm: return operand(Access::kRead, size);
    case Fast::kMovzx:
    case Fast::kMovsx: return operand(Access::kRead, row.variant);
    case Fast::kAluRmReg:
    case Fast::kAluRmImm: return operand(compares ? Access::kRead : Access::kWrite, size);
    case Fast::kMovRmReg:
    case Fast::kMovRmImm:
    case Fast::kInc:
    case Fast::kDec:
    case Fast::kNot:
    case Fast::kNeg:
    case Fast::kXchg:
    case Fast::kShiftImm:
    case Fast::kShiftCl: return operand(Access::kWrite, size);
    case Fast::kSetcc: return operand(Access::kWrite, 1);
    case Fast::kPush:
    case Fast::kPushImm:
    case Fast::kCall: return stack_access(cpu, wide, true);
    case Fast::kPop:
    case Fast::kRet:
    case Fast::kRetImm: return stack_access(cpu, wide, false);
    default: return {};
  }
}

}  // namespace

bool page_fault_ahead(Cpu& cpu, const Op& op) {
  const FirstAccess a = first_access(cpu, op);
  if (a.size == 0) return false;
  const Segment& s = cpu.seg[a.segment];
  if (std::uint64_t{a.offset} + a.size > (a.access == Access::kWrite ? s.write_bound : s.read_bound)) return false;
  const std::uint32_t linear = s.base + a.offset;
  if ((linear & (kPageSize - 1)) + a.size > kPageSize) return false;
  PhysAddr physical;
  Fault fault;
  if (cpu.try_translate(linear, a.access, cpu.cpl == 3, physical, fault)) return false;
  cpu.eip = op.eip;
  cpu.deliver_counted(fault);
  return true;
}

}  // namespace ringside::fast
