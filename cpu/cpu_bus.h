// All that the processor sees of the board, beside memory.
#pragma once

#include <cstdint>

#include "cpu/fault.h"

namespace ringside {

/// I/O ports, interrupt acknowledge, FERR#.
class CpuBus {
 public:
  virtual ~CpuBus() = default;
  virtual std::uint32_t read_port(std::uint16_t port, unsigned size) = 0;
  virtual void write_port(std::uint16_t port, unsigned size, std::uint32_t value) = 0;
  /// The INTA cycle: the interrupt controller's vector.
  virtual std::uint8_t acknowledge_interrupt() = 0;
  /// The FERR# output (IRQ 13 on a PC); IGNNE# is not modelled.
  virtual void set_ferr(bool level) = 0;
};

enum class TrapKind : std::uint8_t {
  kException,          ///< fault, trap or abort, with its cause
  kSoftwareInterrupt,  ///< INT n, INT3, INTO, INT1
  kExternal,           ///< from the interrupt controller
  kNmi,
  kIret,
  kTaskSwitch,
  kRingChange,         ///< by a far call, jump, return, SYSENTER or SYSEXIT
};

/// One transfer of control that the debugger wants to know of.
struct TrapEvent {
  TrapKind kind;
  std::uint8_t vector = 0;
  std::uint8_t from_cpl = 0;
  std::uint8_t to_cpl = 0;
  std::uint16_t from_cs = 0;
  std::uint16_t to_cs = 0;
  std::uint32_t from_eip = 0;
  std::uint32_t to_eip = 0;
  std::uint64_t tick = 0;
  const Fault* fault = nullptr;  ///< kException: why; valid during the call only
};

/// An access to a port, after it was made (a read has its value).
struct PortEvent {
  std::uint16_t port = 0;
  std::uint8_t size = 0;
  bool write = false;
  std::uint32_t value = 0;
  std::uint64_t tick = 0;
};

enum class SystemRegister : std::uint8_t { kCr0, kCr2, kCr3, kCr4, kMsr };

/// An instruction or a task switch has written a control register or an MSR, with no fault.
struct RegisterEvent {
  SystemRegister what = SystemRegister::kCr0;
  std::uint32_t number = 0;  ///< of the MSR
  std::uint64_t value = 0;
  std::uint64_t tick = 0;
};

/// Sees what the processor does and changes nothing. `tick` is that of the instruction, which has not retired yet.
class CpuObserver {
 public:
  virtual ~CpuObserver() = default;
  virtual void trap(const TrapEvent& event) = 0;
  virtual void port(const PortEvent&) {}
  virtual void register_written(const RegisterEvent&) {}
};

}  // namespace ringside
