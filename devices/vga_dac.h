// The palette DAC of the VGA (INMOS IMS G171): 256 colours of 18 bits.
//
//   ports     3C6h pixel mask, 3C7h read index (write) and state (read), 3C8h write index, 3C9h data
//   manual    IBM, Personal System/2 Hardware Interface Technical Reference, "Video Digital-to-Analog
//   Converter"
//
// Not implemented: 8-bit colours (no VGA has them), snow on the screen while the palette is accessed.
#pragma once

#include <array>
#include <cstdint>

#include "memory/state_visitor.h"

namespace ringside {

class VgaDac {
 public:
  struct State {
    std::array<std::uint8_t, 768> colours{};  ///< red, green, blue, six bits each
    std::array<std::uint8_t, 3> writing{};    ///< components that wait for the third
    std::uint8_t mask = 0xFF;
    std::uint8_t read_index = 0;
    std::uint8_t write_index = 0;
    std::uint8_t component = 0;  ///< 0..2, of the access in progress
    bool reading = false;        ///< the index written last was the read index

    bool operator==(const State&) const = default;
  };

  void reset() { state_ = State{}; }
  std::uint8_t read(std::uint16_t port);
  /// A read without its side effect.
  std::uint8_t peek(std::uint16_t port) const;
  void write(std::uint16_t port, std::uint8_t value);
  /// 00RRGGBBh, eight bits each, of the masked pixel value.
  std::uint32_t colour(std::uint8_t pixel) const;

  const State& state() const { return state_; }
  void visit(StateVisitor& visitor);

  bool operator==(const VgaDac&) const = default;

 private:
  State state_;
};

}  // namespace ringside
