// The wires between chips.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "devices/event_queue.h"

namespace ringside {

/// Interrupt request inputs (of the 8259A pair: 0..15), as levels; the controller sees the edges.
class IrqLines {
 public:
  virtual ~IrqLines() = default;
  virtual void set_irq(unsigned line, bool level) = 0;
};

/// What the board lets chips do to the whole machine.
class SystemLines {
 public:
  virtual ~SystemLines() = default;
  /// The processor's INTR input (from the master 8259A).
  virtual void set_intr(bool level) = 0;
  /// A pulse on the processor's NMI input.
  virtual void pulse_nmi() = 0;
  /// The processor's RESET/INIT input, through the 8042, port 92h or port CF9h. `cold` asks for a power-good reset.
  virtual void request_reset(bool cold) = 0;
  /// ACPI S5: the guest has switched the power off.
  virtual void power_off() = 0;
  /// The debug exit port was written.
  virtual void debug_exit(std::uint8_t value) = 0;
  /// Address line 20 has two gates that are ORed: the 8042's output port and port 92h.
  virtual void set_a20_gate(unsigned source, bool enabled) = 0;
};

/// Bytes that leave the machine (COM1, port E9h). What they do outside cannot reach the guest.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void put(std::uint8_t byte) = 0;
};

/// A disk, whatever it is kept in. Sector size is 512 bytes (2048 for CD media, later).
class BlockMedium {
 public:
  virtual ~BlockMedium() = default;
  virtual std::uint64_t sectors() const = 0;
  virtual bool read_only() const = 0;
  /// `sector` < sectors(). False where the medium cannot be read or written there.
  virtual bool read_sector(std::uint64_t sector, std::span<std::uint8_t> out) = 0;
  virtual bool write_sector(std::uint64_t sector, std::span<const std::uint8_t> data) = 0;
  /// Makes written sectors durable where that means something.
  virtual bool flush() = 0;
  /// The part of the content that belongs to the machine's state (a session's overlay).
  virtual void visit(StateVisitor& visitor) = 0;
};

}  // namespace ringside
