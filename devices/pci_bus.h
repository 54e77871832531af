// PCI bus 0: configuration mechanism 1.
//
//   ports     CF8h address register (dword accesses only), CFCh-CFFh data (any size)
//   functions PciFunction, attached by device and function number
//   manual    PCI Local Bus Specification 2.1, "Configuration Space", "Configuration Mechanism #1"
//
// Only CF8h itself is claimed here, with dword width: a dword access arrives whole, while bytes at CF9h..CFBh
// go to whoever claims them (CF9h is the reset control register of the system controller).
//
// Not implemented: buses behind bridges (type 1 cycles end in a master abort), special cycles, mechanism 2.
#pragma once

#include <array>
#include <cstdint>

#include "devices/port_bus.h"
#include "memory/state_visitor.h"

namespace ringside {

/// The 256 bytes of configuration space of one function. Writes change only the bits that were made
/// writable; a base address register whose low bits are not writable answers the usual size probe.
class PciFunction {
 public:
  virtual ~PciFunction() = default;

  std::uint32_t config_read(unsigned offset, unsigned size) const;
  /// `offset` + `size` <= 256. Calls config_written() once.
  void config_write(unsigned offset, unsigned size, std::uint32_t value);

  std::uint8_t config8(unsigned offset) const { return config_[offset & 0xFF]; }
  std::uint16_t config16(unsigned offset) const { return static_cast<std::uint16_t>(config_read(offset, 2)); }
  std::uint32_t config32(unsigned offset) const { return config_read(offset, 4); }

  /// Back to the values given to set_initial().
  void reset_config();
  void visit_config(StateVisitor& visitor);

 protected:
  /// The value after reset and the bits that the guest may change (or clear by writing ones).
  void set_initial(unsigned offset, unsigned size, std::uint32_t value, std::uint32_t writable = 0,
                   std::uint32_t write_one_to_clear = 0);
  /// Vendor, device, class code, revision.
  void set_identity(std::uint16_t vendor, std::uint16_t device, std::uint32_t class_code,
                    std::uint8_t revision);
  /// Base address register `index` (0..5); `size` is a power of two, at least 4 (I/O) or 16 (memory).
  void set_base_address(unsigned index, bool io, std::uint32_t size);

  /// Bytes [offset, offset + size) were written, reset (offset 0, size 256) or loaded (likewise).
  virtual void config_written(unsigned offset, unsigned size);

 private:
  std::array<std::uint8_t, 256> config_{};
  std::array<std::uint8_t, 256> initial_{};
  std::array<std::uint8_t, 256> writable_{};
  std::array<std::uint8_t, 256> clearable_{};
};

class PciBus : public PortDevice {
 public:
  struct State {
    std::uint32_t address = 0;  ///< CONFIG_ADDRESS
  };

  PciBus(PortBus& bus, DeviceLog& log);

  /// `device` < 32, `function` < 8; nullptr detaches. The function must outlive its place here.
  void attach(unsigned device, unsigned function, PciFunction* config);
  const PciFunction* function(unsigned device, unsigned function) const;

  /// The address register; the functions are reset and visited by their owners.
  void reset() { state_ = State{}; }
  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

 private:
  PciFunction* selected() const;

  DeviceLog& log_;
  std::array<std::array<PciFunction*, 8>, 32> functions_{};
  State state_;
};

}  // namespace ringside
