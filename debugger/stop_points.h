// The debugger's one vocabulary: what a machine can be stopped at, traced at, run to and run back to.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "machine/moment.h"

namespace ringside {

/// What somebody asked of the debugger and cannot have, in one sentence.
struct DebuggerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class PointKind : std::uint8_t {
  kInstruction,      ///< an instruction at an address is about to be executed
  kMemory,           ///< a range of memory is read or written
  kPort,             ///< a range of ports is read or written
  kVector,           ///< an exception or interrupt is delivered
  kRingChange,       ///< the CPL changes, by whatever means
  kControlRegister,  ///< CR0, CR2, CR3 or CR4 is written
  kMsr,              ///< an MSR is written
  kTaskSwitch,
  kTick,             ///< a moment in time
  kScreenText,       ///< the text screen comes to match a pattern (looked at every `kScreenLook` ticks)
  kSerialText,       ///< what the guest sends on COM1 comes to match a pattern
};
const char* point_kind_name(PointKind kind);

enum class PointAction : std::uint8_t {
  kStop,
  kTrace,  ///< tell the listener, and go on
};

enum class AddressSpace : std::uint8_t {
  kLinear,
  kPhysical,
  kFar,  ///< CS:EIP as the guest names them (instructions only)
};

/// Which ways into a handler a kVector point means.
enum VectorKind : std::uint8_t { kExceptions = 1, kHardwareInterrupts = 2, kSoftwareInterrupts = 4, kAnyVector = 7 };

/// Ticks between two looks at the screen for text: at their multiples, so that the answer is the same every time.
constexpr Tick kScreenLook = 1'000'000;

/// What is asked for. Fields that do not belong to `kind` are ignored.
struct StopPointSpec {
  PointKind kind = PointKind::kInstruction;
  PointAction action = PointAction::kStop;
  // kInstruction, kMemory
  AddressSpace space = AddressSpace::kLinear;
  std::uint16_t selector = 0;            ///< kFar
  std::uint64_t address = 0;
  std::uint64_t size = 1;                ///< bytes, kMemory
  // kMemory, kPort
  bool on_read = false, on_write = true;
  std::uint16_t first_port = 0, last_port = 0;
  // kVector
  std::optional<std::uint8_t> vector;    ///< any, where there is none
  std::uint8_t vector_kinds = kAnyVector;
  // kRingChange
  std::optional<std::uint8_t> ring;      ///< the new ring
  // kControlRegister: 0, 2, 3, 4; kMsr: any, where there is none
  std::optional<std::uint32_t> number;
  Tick tick = 0;                         ///< kTick
  std::string text;                      ///< kScreenText, kSerialText: a regular expression

  std::string condition;                 ///< see conditions.h; empty: always
  std::uint64_t ignore = 0;              ///< hits to let pass, forwards
  bool enabled = true;
  bool once = false;                     ///< removed by its first stop
};

struct StopPoint : StopPointSpec {
  int id = 0;
  std::uint64_t hits = 0;  ///< forwards, the ignored ones included
};

/// In words: "write of linear 00012340, 4 bytes, if eax == 5".
std::string describe(const StopPointSpec& point);

/// One point that was met.
struct Hit {
  int id = 0;
  PointKind kind = PointKind::kInstruction;
  Moment before;               ///< where the instruction or delivery begins that does it; running back stops there
  Moment moment;               ///< where running forwards stops: behind it (for kInstruction: `before`)
  std::uint32_t linear = 0;    ///< kInstruction, kMemory
  std::uint64_t physical = 0;  ///< kMemory
  std::uint8_t size = 0;       ///< kMemory, kPort
  bool write = false;
  std::uint32_t number = 0;    ///< port, vector, new ring, control register, MSR
  std::uint64_t value = 0;     ///< kPort, kControlRegister, kMsr: the value; kVector: the error code
  std::uint32_t eip = 0;       ///< the instruction that did it, for all but kInstruction
  std::uint16_t cs = 0;
};

/// "stop 3: #PF, error code 2, at 0008:C0101234".
std::string describe(const Hit& hit);

}  // namespace ringside
