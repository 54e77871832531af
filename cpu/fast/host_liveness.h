// What of a handler's machine code is of no use where the next op needs only some of the lazy flags.
#pragma once

#if defined(__x86_64__)

#include <cstdint>
#include <map>
#include <set>

#include "cpu/fast/handler_template.h"
#include "cpu/fast/host_code.h"

namespace ringside::fast {

struct HostLiveness {
  /// Instructions whose results nobody reads.
  std::set<HostAddress> dead;
  /// Instructions whose operand [cpu + register] is at an offset that a byte of the op names: that byte's offset in
  /// the op. The register holds nothing but that byte.
  std::map<HostAddress, std::uint64_t> named_operands;
  /// What the handler itself needs of what is handed from op to op.
  Passed needs = kPassedAll;
};

/// `wanted` is what the next op needs.
HostLiveness find_liveness(const HostCode& code, HostAddress entry, Passed wanted);

}  // namespace ringside::fast

#endif
