// The lines between the processor, the chips and the outside that belong to no chip.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cpu/cpu.h"
#include "devices/lines.h"
#include "devices/pic_8259a.h"
#include "devices/port_bus.h"

namespace ringside {

/// Guest time as the processor counts it.
class CpuClock final : public Clock {
 public:
  CpuClock(std::uint64_t ips, const Cpu& cpu) : Clock(ips), cpu_(cpu) {}
  Tick now() const override { return cpu_.ticks(); }

 private:
  const Cpu& cpu_;
};

/// Hands the devices' remarks to whoever listens at the moment.
class RemarkLine final : public DeviceLog {
 public:
  void set_listener(DeviceLog* listener) { listener_ = listener; }
  void lint(const char* device, const std::string& message) override {
    if (listener_ != nullptr) listener_->lint(device, message);
  }
  void unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) override {
    if (listener_ != nullptr) listener_->unclaimed_port(port, write, value);
  }

 private:
  DeviceLog* listener_ = nullptr;
};

/// The processor's bus, the system lines, and the AT's coprocessor error latch:
///
///   port      F0h-F1h: a write clears the latch (and would drive IGNNE#, which is not modelled)
///   out       IRQ 13 while the latch is set
///
/// What chips ask for in the middle of an instruction (reset, power off) is noted here and carried out by
/// the main loop between two instructions.
class Board final : public CpuBus, public SystemLines {
 public:
  /// Only refers to its neighbours; the machine's constructor makes them after it.
  Board(Cpu& cpu, PhysicalMemory& memory, PortBus& ports, Pic8259a& pic)
      : cpu_(cpu), memory_(memory), ports_(ports), pic_(pic) {}
  /// To be called once all parts are there.
  void claim_ports() { ports_.claim(0xF0, 2, &error_latch_port_); }

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;

  std::uint8_t acknowledge_interrupt() override { return pic_.acknowledge(); }
  void set_ferr(bool level) override;

  void set_intr(bool level) override { cpu_.set_intr(level); }
  void pulse_nmi() override { cpu_.pulse_nmi(); }
  void request_reset(bool cold) override;
  void power_off() override;
  void debug_exit(std::uint8_t value) override;
  void set_a20_gate(unsigned source, bool enabled) override;

  void reset() { set_error_latch(false); }
  void visit(StateVisitor& visitor);

  // Read by the main loop.
  bool reset_wanted = false;
  bool cold_reset = false;
  bool powered_off = false;
  bool exited = false;             ///< through the debug exit port
  std::uint8_t exit_value = 0;

 private:
  /// The coprocessor latch as a port device; the bus proper goes through read_port/write_port above.
  class ErrorLatchPort final : public PortDevice {
   public:
    explicit ErrorLatchPort(Board& board) : board_(board) {}
    std::uint32_t read_port(std::uint16_t, unsigned) override { return 0xFF; }
    void write_port(std::uint16_t, unsigned, std::uint32_t) override { board_.set_error_latch(false); }

   private:
    Board& board_;
  };
  void set_error_latch(bool level);

  Cpu& cpu_;
  PhysicalMemory& memory_;
  PortBus& ports_;
  Pic8259a& pic_;
  ErrorLatchPort error_latch_port_{*this};
  std::array<bool, 2> a20_gates_{};
  bool error_latch_ = false;
};

}  // namespace ringside
