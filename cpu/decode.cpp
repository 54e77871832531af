#include "cpu/decode.h"

#include "cpu/cpu.h"
#include "cpu/opcodes.h"

namespace ringside {
namespace {

constexpr std::uint8_t kNoRegister = 32;  // the zero slot behind EDI
constexpr std::size_t kUndefinedRow = 256 + 0xFF;

/// The kinds are bits of Encoding for one operand, shifted down to those of the destination.
std::uint8_t register_offset(unsigned number, std::uint32_t kind) {
  if ((kind & kDstByte) != 0) return static_cast<std::uint8_t>((number & 3) * 4 + (number >> 2));
  return static_cast<std::uint8_t>(number * ((kind & kDstVector) != 0 ? 16 : 4));
}
constexpr std::uint32_t kDestinationKind = kDstByte | kDstVector;
static_assert(kSrcByte == kDstByte << 1 && kSrcVector == kDstVector << 1);

/// Which of an opcode's four rows the prefixes select.
unsigned mandatory_prefix(std::uint8_t flags, bool operand_size) {
  if ((flags & (kRep | kRepne)) != 0) return (flags & kRep) != 0 ? 2 : 3;
  return operand_size ? 1 : 0;
}

/// Reads the instruction's bytes in order, and remembers when they did not suffice.
class ByteReader {
 public:
  ByteReader(const std::uint8_t* bytes, unsigned available) : bytes_(bytes), available_(available) {}
  std::uint8_t next() {
    if (position_ >= available_) {
      short_ = true;
      return 0;
    }
    return bytes_[position_++];
  }
  std::uint32_t next(unsigned size) {
    if (position_ + size > available_) {
      short_ = true;
      return 0;
    }
    std::uint32_t value = 0;
    __builtin_memcpy(&value, bytes_ + position_, size);
    position_ += size;
    return value;
  }
  unsigned position() const { return position_; }
  bool ran_short() const { return short_; }

 private:
  const std::uint8_t* bytes_;
  unsigned available_;
  unsigned position_ = 0;
  bool short_ = false;
};

struct Prefixes {
  bool operand32, address32;
  std::uint8_t flags = 0;  // kLock, kRep, kRepne
  std::uint8_t seg = kNoSeg;
  std::uint8_t opcode = 0;
};

// Any number in any order; of the repeat prefixes and the segment overrides the last counts.
Prefixes read_prefixes(ByteReader& in, std::uint32_t mode) {
  const bool code32 = (mode & kModeCode32) != 0;
  Prefixes p{code32, code32};
  for (;;) {
    const std::uint8_t byte = in.next();
    switch (byte) {
      case 0x26: p.seg = kES; break;
      case 0x2E: p.seg = kCS; break;
      case 0x36: p.seg = kSS; break;
      case 0x3E: p.seg = kDS; break;
      case 0x64: p.seg = kFS; break;
      case 0x65: p.seg = kGS; break;
      case 0x66: p.operand32 = !code32; break;
      case 0x67: p.address32 = !code32; break;
      case 0xF0: p.flags |= kLock; break;
      case 0xF2: p.flags = static_cast<std::uint8_t>((p.flags & ~kRep) | kRepne); break;
      case 0xF3: p.flags = static_cast<std::uint8_t>((p.flags & ~kRepne) | kRep); break;
      default: p.opcode = byte; return p;
    }
    if (in.ran_short()) return p;
  }
}

// The 16-bit forms, SDM Vol. 2A, "16-Bit Addressing Forms with the ModR/M Byte".
void memory_operand16(ByteReader& in, unsigned mod, unsigned rm, Op& op, std::uint8_t& default_seg) {
  static constexpr std::uint8_t kBase[8] = {kEBX, kEBX, kEBP, kEBP, kESI, kEDI, kEBP, kEBX};
  static constexpr std::uint8_t kIndex[8] = {kESI, kEDI, kESI, kEDI, 8, 8, 8, 8};
  op.base = static_cast<std::uint8_t>(kBase[rm] * 4);
  op.index = static_cast<std::uint8_t>(kIndex[rm] * 4);
  if (mod == 0 && rm == 6) {
    op.base = kNoRegister;
    op.disp = in.next(2);
    return;
  }
  if (kBase[rm] == kEBP) default_seg = kSS;
  if (mod == 1) op.disp = static_cast<std::uint32_t>(static_cast<std::int8_t>(in.next()));
  if (mod == 2) op.disp = static_cast<std::uint32_t>(static_cast<std::int16_t>(in.next(2)));
}

void memory_operand32(ByteReader& in, unsigned mod, unsigned rm, Op& op, std::uint8_t& default_seg) {
  unsigned base = rm;
  if (rm == 4) {
    const std::uint8_t sib = in.next();
    const unsigned index = sib >> 3 & 7;
    base = sib & 7;
    if (index != 4) {
      op.index = static_cast<std::uint8_t>(index * 4);
      op.scale = sib >> 6;
    }
  }
  if (base == 5 && mod == 0) {
    op.disp = in.next(4);
    return;
  }
  op.base = static_cast<std::uint8_t>(base * 4);
  if (base == kESP || base == kEBP) default_seg = kSS;
  if (mod == 1) op.disp = static_cast<std::uint32_t>(static_cast<std::int8_t>(in.next()));
  if (mod == 2) op.disp = in.next(4);
}

std::uint32_t sign_extended_byte(ByteReader& in) {
  return static_cast<std::uint32_t>(static_cast<std::int8_t>(in.next()));
}

}  // namespace

std::uint16_t undefined_id() { return 2 * kUndefinedRow; }

Decoded decode(const std::uint8_t* bytes, unsigned available, std::uint32_t mode, std::uint32_t eip,
               const CpuModel& model, Op& op) {
  static const std::span<const OpcodeRow> rows = opcode_rows();
  Decoded result;
  const bool whole = available >= kMaxInstructionLength;
  ByteReader in(bytes, whole ? kMaxInstructionLength : available);
  const auto give_up = [&] {
    result.status = whole ? Decoded::kTooLong : Decoded::kNeedMore;
    return result;
  };

  const Prefixes prefix = read_prefixes(in, mode);
  std::size_t number = prefix.opcode;
  if (number == 0x0F) number = 256u + in.next();
  if (in.ran_short()) return give_up();
  const OpcodeRow* row = &rows[number];
  const auto opcode = static_cast<std::uint8_t>(number);
  if (row->prefixed >= 0) {
    const bool code32 = (mode & kModeCode32) != 0;
    number = static_cast<std::size_t>(row->prefixed) + mandatory_prefix(prefix.flags, prefix.operand32 != code32);
    row = &rows[number];
  }

  op = Op{};
  op.eip = eip;
  op.base = op.index = kNoRegister;
  op.extra = opcode;
  op.flags = static_cast<std::uint8_t>(prefix.flags | (prefix.operand32 ? kOperand32 : 0) |
                                       (prefix.address32 ? kAddress32 : 0) |
                                       ((mode & kModeStack32) != 0 ? kStack32 : 0));
  std::uint8_t default_seg = kDS;
  bool bad = false;
  if (row->group >= 0 || (row->encoding & kModRM) != 0) {
    const std::uint8_t modrm = in.next();
    if (in.ran_short()) return give_up();
    const unsigned reg = modrm >> 3 & 7, rm = modrm & 7;
    if (row->group >= 0) {
      number = static_cast<std::size_t>(row->group) + reg;
      row = &rows[number];
    }
    op.extra = modrm;
    const std::uint32_t enc = row->encoding;
    const bool rm_source = (enc & kRmSource) != 0;
    const std::uint32_t dst_kind = enc & kDestinationKind, src_kind = enc >> 1 & kDestinationKind;
    std::uint8_t rm_offset = kNoRegister;
    if (modrm >= 0xC0 || (enc & kRegisterOnly) != 0) {
      rm_offset = register_offset(rm, rm_source ? src_kind : dst_kind);
      bad = (enc & kMemoryOnly) != 0;
    } else {
      op.flags |= kMemory;
      bad = (enc & kNoMemory) != 0;
      if (prefix.address32) {
        memory_operand32(in, modrm >> 6, rm, op, default_seg);
      } else {
        memory_operand16(in, modrm >> 6, rm, op, default_seg);
      }
    }
    op.dst = rm_source ? register_offset(reg, dst_kind) : rm_offset;
    op.src = rm_source ? rm_offset : register_offset(reg, src_kind);
  } else {
    if ((row->encoding & kRegInOpcode) != 0) op.dst = register_offset(opcode & 7, row->encoding & kDstByte);
  }
  op.seg = prefix.seg != kNoSeg ? prefix.seg : default_seg;
  if ((row->encoding & kSegOperand) != 0) op.seg = opcode >> 3 & 7;
  if ((row->encoding & kImmMask) == 0) op.imm = opcode;
  if (row->exact32 == nullptr) bad = true;
  if (number == 256 + 0xB2 || number == 256 + 0xB4 || number == 256 + 0xB5 || number == 0xC4 || number == 0xC5)
    op.imm = row->variant;

  const unsigned full = prefix.operand32 ? 4 : 2;
  switch (row->encoding & kImmMask) {
    case kImmByte: op.imm = in.next(); break;
    case kImmByteSigned: op.imm = sign_extended_byte(in); break;
    case kImmWord: op.imm = in.next(2); break;
    case kImmFull: op.imm = in.next(full); break;
    case kImmOne: op.imm = 1; break;
    case kImmWordByte:
      op.imm = in.next(2);
      op.disp = in.next();
      break;
    case kFarPointer:
      op.imm = in.next(full);
      op.disp = in.next(2);
      break;
    case kMoffs:
      op.disp = in.next(prefix.address32 ? 4 : 2);
      op.imm = opcode;
      op.flags |= kMemory;
      break;
    case kRelByte:
    case kRelFull: {
      const std::uint32_t rel = (row->encoding & kImmMask) == kRelByte ? sign_extended_byte(in)
                                : prefix.operand32                     ? in.next(4)
                                                   : static_cast<std::uint32_t>(static_cast<std::int16_t>(in.next(2)));
      const std::uint32_t target = eip + in.position() + rel;
      op.target = prefix.operand32 ? target : target & 0xFFFF;
      op.extra = opcode;
      result.direct_branch = true;
      break;
    }
    default: break;
  }
  if (in.ran_short()) return give_up();

  op.length = static_cast<std::uint8_t>(in.position());
  op.id = static_cast<std::uint16_t>(2 * number + (prefix.operand32 ? 1 : 0));
  result.ends_block = (row->encoding & kEndsBlock) != 0;
  const bool lock_bad =
      (prefix.flags & kLock) != 0 && ((row->encoding & kLockable) == 0 || (op.flags & kMemory) == 0);
  const bool undefined = row->exact32 == rows[kUndefinedRow].exact32;
  if (bad || lock_bad || undefined || (model.features & row->feature) != row->feature) {
    result.direct_branch = false;
    result.ends_block = true;
    op.id = undefined_id();
    if (bad && (row->encoding & kMemoryOnly) != 0) op.imm = 1;  // `undefined` names the register operand
    else op.imm = lock_bad ? 2 : 0;
  }
  return result;
}

}  // namespace ringside
