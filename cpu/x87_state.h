// The x87 register file.
#pragma once

#include <cstdint>

#include "memory/state_visitor.h"

namespace ringside {

/// An 80-bit register: explicit integer bit in bit 63 of the significand, sign in bit 15 of `sign_exp`.
struct Float80 {
  std::uint64_t significand = 0;
  std::uint16_t sign_exp = 0;
};

/// All that FSAVE and FXSAVE write. `tags` holds the two-bit tag of each *physical* register, as the tag
/// word does; TOP is in `status` bits 11-13.
struct X87State {
  Float80 reg[8];
  std::uint16_t control = 0x0040;  ///< after RESET; FNINIT sets 037Fh
  std::uint16_t status = 0;
  std::uint16_t tags = 0x5555;     ///< after RESET; FNINIT sets FFFFh
  std::uint16_t opcode = 0;        ///< 11 bits: FOP
  std::uint32_t ip_offset = 0;
  std::uint16_t ip_selector = 0;
  std::uint32_t data_offset = 0;
  std::uint16_t data_selector = 0;
  std::uint64_t xmm[8][2] = {};    ///< SSE state, saved by FXSAVE where the model has it
  std::uint32_t mxcsr = 0x1F80;

  void visit(StateVisitor& v) {
    VisitGroup group(v, "x87");
    for (Float80& r : reg) {
      v.field("significand", r.significand);
      v.field("sign_exp", r.sign_exp);
    }
    v.field("control", control);
    v.field("status", status);
    v.field("tags", tags);
    v.field("opcode", opcode);
    v.field("ip_offset", ip_offset);
    v.field("ip_selector", ip_selector);
    v.field("data_offset", data_offset);
    v.field("data_selector", data_selector);
    for (auto& x : xmm) v.field("xmm", x);
    v.field("mxcsr", mxcsr);
  }
};

}  // namespace ringside
