// IBM VGA: sequencer, CRT controller, graphics controller, attribute controller, DAC, 256 KiB in four planes.
//
//   ports     3B4h-3B5h 3BAh (monochrome) or 3D4h-3D5h 3DAh (colour), 3C0h-3CAh 3CCh 3CEh 3CFh
//   memory    A0000h-BFFFFh, decoded as the graphics controller's memory map select says
//   time      input status 1 follows guest time and the CRTC's timing; no events
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Video Subsystem";
//             J. Neal, FreeVGA
//
// Not implemented: vertical retrace interrupt, light pen, line compare (split screen), preset row scan and
// pixel panning, the border, blinking (text is drawn in its steady phase), skew and blanking registers,
// monitor detection (the switch sense bit reads 1), sequencer reset as a loss of memory, the 64 KiB limit of
// bit 1 of the memory mode register.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "devices/device_log.h"
#include "devices/event_queue.h"
#include "devices/port_bus.h"
#include "devices/vga_registers.h"
#include "memory/physical_memory.h"

namespace ringside {

/// What a text mode shows.
struct TextScreen {
  struct Cell {
    std::uint8_t character = 0;
    std::uint8_t attribute = 0;
    bool operator==(const Cell&) const = default;
  };
  unsigned columns = 0;
  unsigned rows = 0;
  std::vector<Cell> cells;  ///< columns x rows, row by row
  unsigned cursor_column = 0;
  unsigned cursor_row = 0;
  bool cursor_visible = false;
};

class Vga : public PortDevice, public MmioDevice {
 public:
  static constexpr PhysAddr kApertureBase = 0xA0000;
  static constexpr std::uint64_t kApertureSize = 0x20000;
  static constexpr unsigned kPlaneSize = 0x10000;

  struct State {
    VgaRegisters registers;
    std::uint32_t latch = 0;  ///< one byte of each plane, plane 0 lowest
    /// Byte `offset` of plane p is at 4 * offset + p.
    std::vector<std::uint8_t> planes = std::vector<std::uint8_t>(4 * kPlaneSize);

    bool operator==(const State&) const = default;
  };

  Vga(PortBus& bus, PhysicalMemory& memory, EventQueue& queue, DeviceLog& log);

  void reset();

  std::uint32_t read_port(std::uint16_t port, unsigned size) override;
  void write_port(std::uint16_t port, unsigned size, std::uint32_t value) override;
  std::uint32_t mmio_read(PhysAddr address, unsigned size) override;
  void mmio_write(PhysAddr address, unsigned size, std::uint32_t value) override;
  /// What the processor would read, with the latches left alone.
  std::uint8_t peek_memory(PhysAddr address) const;

  bool graphics_mode() const { return state_.registers.graphics_mode(); }
  /// In a graphics mode: no cells.
  TextScreen text_screen() const;
  /// 00RRGGBBh, row by row, as large as the visible area; black while the screen is blanked.
  std::vector<std::uint32_t> render(unsigned& width, unsigned& height) const;

  std::uint8_t plane_byte(unsigned plane, unsigned offset) const {
    return state_.planes[4 * (offset & 0xFFFF) + (plane & 3)];
  }
  /// All four planes, for whoever keeps checkpoints of them.
  std::span<std::uint8_t> video_memory() { return state_.planes; }
  /// Its pieces of kPieceSize bytes, a bit each, that may have been written since this was asked last.
  std::uint64_t take_written() { return std::exchange(written_, 0); }
  static constexpr std::size_t kPieces = 64, kPieceSize = 4 * kPlaneSize / kPieces;
  const VgaRegisters& registers() const { return state_.registers; }
  const State& state() const { return state_; }
  /// For a mirror that draws what another VGA shows, in a thread of its own.
  void set_state(const State& state) {
    state_ = state;
    written_ = kAllWritten;
    derive();
  }
  void visit(StateVisitor& visitor);

 private:
  // Registers.
  bool answers(std::uint16_t port) const;
  std::uint8_t input_status_1() const;
  std::uint8_t read_attribute() const;
  void write_attribute(std::uint8_t value);
  void write_crtc(std::uint8_t value);
  void write_sequencer(std::uint8_t value);
  void write_graphics(std::uint8_t value);
  // Memory.
  struct Place {
    unsigned offset;  ///< in a plane
    unsigned plane;   ///< that the address selects, where it selects one
  };
  bool in_window(PhysAddr address) const { return address - window_base_ < window_size_; }
  Place place(PhysAddr address) const;
  std::uint32_t planes_at(unsigned offset) const;
  std::uint8_t read_result(Place at, std::uint32_t latch) const;
  void write_byte(PhysAddr address, std::uint8_t value);
  std::uint32_t combine(std::uint8_t value) const;
  void derive();
  void note_written(unsigned offset) { written_ |= std::uint64_t{1} << (4 * offset / kPieceSize); }
  // Picture.
  void render_text(std::vector<std::uint32_t>& out, unsigned width, unsigned height) const;
  void render_graphics(std::vector<std::uint32_t>& out, unsigned width, unsigned height) const;

  EventQueue& queue_;
  DeviceLog& log_;
  State state_;
  static constexpr std::uint64_t kAllWritten = ~std::uint64_t{0};
  std::uint64_t written_ = kAllWritten;
  // Derived from the registers.
  PhysAddr window_base_ = kApertureBase;
  std::uint64_t window_size_ = 0;
  bool plain_text_writes_ = false;  ///< a byte goes to plane 0 or 1 as it is
};

}  // namespace ringside
