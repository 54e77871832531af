// Exceptions of the guest, each with the reason for it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cpu/segment.h"

namespace ringside {

/// Exception vectors, SDM Vol. 3A, "Exceptions and Interrupts".
enum class Vector : std::uint8_t {
  kDE = 0, kDB = 1, kNMI = 2, kBP = 3, kOF = 4, kBR = 5, kUD = 6, kNM = 7, kDF = 8, kTS = 10,
  kNP = 11, kSS = 12, kGP = 13, kPF = 14, kMF = 16, kAC = 17, kMC = 18, kXM = 19,
};

/// The closed list of reasons: one entry per check of the manual's pseudocode.
enum class Cause : std::uint16_t {
#define CAUSE(name, vector, sentence) name,
#include "cpu/causes.def"
#undef CAUSE
  kCount,
};

Vector vector_of(Cause cause);
/// The enumerator's name without its leading k ("PfWriteReadOnlyPte").
const char* cause_name(Cause cause);
/// One sentence, without the operands.
const char* cause_sentence(Cause cause);
/// "#GP", "#PF", ...
const char* vector_mnemonic(Vector vector);
/// True where the exception pushes an error code.
bool has_error_code(Vector vector);

/// Page-fault error code bits.
enum PageFaultBit : std::uint32_t { kPfPresent = 1, kPfWrite = 2, kPfUser = 4, kPfReserved = 8, kPfFetch = 16 };

/// The operands of the check that failed; what a cause does not concern stays 0.
struct FaultDetail {
  std::uint16_t selector = 0;
  std::uint8_t seg = kNoSeg;          ///< SegReg of a limit or type check
  std::uint8_t levels = 0;            ///< page-table entries in `entries`
  std::uint32_t offset = 0;           ///< logical address's offset, or the value that was refused
  std::uint32_t linear = 0;           ///< linear address
  std::uint32_t limit = 0;
  std::uint64_t descriptor = 0;       ///< the descriptor's eight bytes
  std::array<std::uint64_t, 3> entries{};  ///< page-table entries walked, top first
  std::array<std::uint64_t, 3> entry_addresses{};
};

/// Thrown by the reference executor, before the instruction has had any effect, and caught in one place.
struct Fault {
  Vector vector{};
  std::uint32_t error_code = 0;
  Cause cause{};
  FaultDetail detail;
};

/// The cause's sentence with the operands filled in, for people.
std::string describe(const Fault& fault);

/// An instruction that the simulator does not have yet: stops the machine, never the guest's business.
struct Unimplemented {
  std::string what;
};

}  // namespace ringside
