// Bytes to Op.
#pragma once

#include <cstdint>

#include "cpu/cpu_model.h"
#include "cpu/op.h"

namespace ringside {

constexpr unsigned kMaxInstructionLength = 15;

struct Decoded {
  enum Status : std::uint8_t {
    kOk,
    kNeedMore,  ///< the bytes that there are do not make an instruction yet
    kTooLong,   ///< more than 15 bytes: #GP
  };
  Status status = kOk;
  bool ends_block = false;
  bool direct_branch = false;  ///< op.target and op.link are in use
};

/// Decodes one instruction at `eip` from `available` bytes (as many as the page and the segment's limit
/// allow) under the mode key `mode`. Everything in `op` is set but `handler`, `remaining` and `link`.
/// What the model does not have decodes to #UD's function.
Decoded decode(const std::uint8_t* bytes, unsigned available, std::uint32_t mode, std::uint32_t eip,
               const CpuModel& model, Op& op);

/// Op::id of the undefined opcode.
std::uint16_t undefined_id();

}  // namespace ringside
