#include "tests/oracle/case.h"

namespace ringside::oracle {

FpuImage FpuImage::initial() {
  FpuImage image;
  image.set_word(kControl, 0x037F);
  image.set_word(kMxcsr, 0x1F80);
  return image;
}

std::uint64_t FpuImage::quad(unsigned at) const {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

void FpuImage::set_quad(unsigned at, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void Bytes::add(std::uint32_t linear, std::span<const std::uint8_t> bytes) {
  runs_.push_back({linear, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(bytes.size())});
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Bytes::add_number(std::uint32_t linear, std::uint64_t value, unsigned size) {
  runs_.push_back({linear, static_cast<std::uint32_t>(bytes_.size()), size});
  for (unsigned i = 0; i < size; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void Case::clear() {
  registers = {};
  fpu = FpuImage::initial();
  patches.clear();
  code_size = 0;
  code_at = 0;
  ignored_flags = 0;
  ignored_registers = 0;
  open = {};
}

}  // namespace ringside::oracle
