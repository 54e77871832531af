// x87 states and operands, and vector registers: denormals, infinities, NaNs, what no format has.
#include <algorithm>
#include <array>

#include "cpu/x87/unit.h"
#include "tests/oracle/builder.h"

namespace ringside::oracle {
namespace {

constexpr std::uint64_t kIntegerBit = std::uint64_t{1} << 63;
constexpr std::uint64_t kQuietBit = std::uint64_t{1} << 62;
constexpr unsigned kBias = 16383;

}  // namespace

void Builder::float80(std::uint64_t& significand, std::uint16_t& sign_exponent) {
  const std::uint64_t r = random_.bits();
  switch (random_.below(8)) {
    case 0: significand = kIntegerBit; break;
    case 1: significand = ~std::uint64_t{0}; break;
    case 2: significand = kIntegerBit | r >> random_.below(64); break;
    case 3: significand = (kIntegerBit | r) & (~std::uint64_t{0} << random_.below(64)); break;
    case 4: significand = kIntegerBit | ((~std::uint64_t{0} << random_.below(64)) ^ (r & 1)); break;
    case 5: significand = (kIntegerBit | r) & (~std::uint64_t{0} << (random_.one_in(2) ? 39 : 10)); break;
    default: significand = kIntegerBit | r; break;
  }
  unsigned exponent = kBias - 70 + random_.below(140);
  switch (random_.below(24)) {
    case 0: exponent = 0, significand = 0; break;
    case 1: exponent = 0x7FFF, significand = kIntegerBit; break;
    case 2: exponent = 0x7FFF, significand |= kQuietBit; break;
    case 3: exponent = 0x7FFF, significand = (significand & ~kQuietBit) | 1; break;
    case 4: exponent = 0, significand = significand >> 1 >> random_.below(63); break;  // denormal
    case 5: exponent = 0; break;                                                      // pseudo-denormal
    case 6: exponent = random_.below(0x8000), significand = random_.bits() >> 1; break;  // often unsupported
    case 7: exponent = random_.below(200); break;
    case 8: exponent = 0x7FFE - random_.below(100); break;
    case 9: exponent = kBias - 126 - 30 + random_.below(34); break;
    case 10: exponent = kBias + 126 + random_.below(3); break;
    case 11: exponent = kBias - 1022 - 60 + random_.below(64); break;
    case 12: exponent = kBias + 1022 + random_.below(3); break;
    case 13: exponent = random_.below(0x7FFF); break;
    case 14: exponent = kBias, significand = kIntegerBit; break;
    case 15: exponent = kBias + 14 + random_.below(4); break;
    case 16: exponent = kBias + 29 + random_.below(4); break;
    case 17: exponent = kBias + 57 + random_.below(9); break;
    case 18: exponent = kBias + random_.below(20); break;
    default: break;
  }
  sign_exponent = static_cast<std::uint16_t>(exponent | (random_.one_in(2) ? 0x8000u : 0u));
}

std::uint64_t Builder::float32() {
  const std::uint32_t sign = random_.one_in(2) ? 0x80000000u : 0u, r = random_.word();
  switch (random_.below(16)) {
    case 0: return sign;
    case 1: return sign | 0x7F800000;
    case 2: return sign | 0x7FC00000 | (r & 0x3FFFFF);
    case 3: return sign | 0x7F800001 | (r & 0x3FFFFF);
    case 4: return sign | (r & 0x7FFFFF) >> random_.below(23);
    case 5: return sign | 0x00800000 | (random_.one_in(2) ? r & 0x7FFFFF : 0);
    case 6: return sign | 0x7F7FFFFF;
    case 7: return sign | 0x3F800000;
    case 8: return sign | (127 + random_.below(36)) << 23 | (r & 0x7FFFFF);
    case 9: return sign | (149 + random_.below(16)) << 23 | (random_.one_in(2) ? 0x7FFFFF : 0);
    case 10: return sign | random_.below(40) << 23 | (r & 0x7FFFFF);
    case 11: return sign | (215 + random_.below(40)) << 23 | (r & 0x7FFFFF);
    default: return sign | (97 + random_.below(60)) << 23 | (random_.one_in(3) ? r & 0x7FFFFF & ~0u << random_.below(24) : r & 0x7FFFFF);
  }
}

std::uint64_t Builder::float64() {
  constexpr std::uint64_t kFraction = 0xFFFFFFFFFFFFF;
  const std::uint64_t sign = random_.one_in(2) ? kIntegerBit : 0, r = random_.bits();
  const auto with = [&](unsigned exponent, std::uint64_t fraction) {
    return sign | std::uint64_t{exponent} << 52 | (fraction & kFraction);
  };
  switch (random_.below(18)) {
    case 0: return sign;
    case 1: return with(0x7FF, 0);
    case 2: return with(0x7FF, r | (kFraction / 2 + 1));
    case 3: return with(0x7FF, (r & kFraction / 2) | 1);
    case 4: return with(0, (r & kFraction) >> random_.below(52));
    case 5: return with(1, random_.one_in(2) ? r : 0);
    case 6: return with(0x7FE, kFraction);
    case 7: return with(1023, 0);
    case 8: return with(1023 + random_.below(70), r);
    case 9: return with(1023 + 30 + random_.below(3), random_.one_in(2) ? kFraction : r & ~std::uint64_t{0} << 21);
    case 10: return with(random_.below(60), r);
    case 11: return with(0x7FE - random_.below(60), r);
    case 12: return with(1023 - 126 - 26 + random_.below(30), r);
    case 13: return with(1023 + 126 + random_.below(3), r);
    case 14: return with(1023 - 126 - 26 + random_.below(30), r & ~std::uint64_t{0} << 28);
    default: return with(993 + random_.below(60), random_.one_in(3) ? r & ~std::uint64_t{0} << random_.below(53) : r);
  }
}

std::uint64_t Builder::vector_half() {
  const bool doubles = form_.mandatory == 0x66 || form_.mandatory == 0xF2;
  switch (random_.below(8)) {
    case 0: return random_.bits();
    case 1: return random_.number(8);
    case 2: {
      std::uint64_t lanes = 0;
      for (unsigned i = 0; i < 4; ++i) lanes |= random_.number(2) << (16 * i);
      return lanes;
    }
    case 3: {
      std::uint64_t lanes = 0;
      for (unsigned i = 0; i < 8; ++i) lanes |= random_.number(1) << (8 * i);
      return lanes;
    }
    case 4: return doubles ? float32() | float32() << 32 : float64();
    default: return doubles ? float64() : float32() | float32() << 32;
  }
}

void Builder::choose_float_state() {
  FpuImage& f = case_.fpu;
  std::uint32_t control = 0x40 | (random_.word() & 0x1F3F);
  if (random_.one_in(2)) control |= 0x3F;
  std::uint32_t status = (random_.word() & 0x7F40) | (random_.word() & control & 0x3F);
  if (random_.one_in(20)) status |= random_.word() & 0x3F;
  if ((status & ~control & 0x3F) != 0) status |= 0x8080;
  f.set_word(FpuImage::kControl, control);
  f.set_word(FpuImage::kStatus, status);
  std::uint8_t valid = random_.one_in(3) ? random_.byte() | random_.byte() : 0xFF;
  const unsigned top = status >> 11 & 7;
  if (random_.one_in(2)) valid = static_cast<std::uint8_t>(valid & ~(1u << ((top + 7) & 7)));
  f.bytes[FpuImage::kTags] = valid;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned at = FpuImage::kStack + 16 * i;
    std::uint64_t significand;
    std::uint16_t sign_exponent;
    float80(significand, sign_exponent);
    if (i != 0 && random_.one_in(5)) {  // close to ST(0)
      significand = f.quad(FpuImage::kStack) + random_.below(3) - 1;
      sign_exponent = static_cast<std::uint16_t>(f.word(FpuImage::kStack + 8) + random_.below(3) - 1);
      if (random_.one_in(2)) sign_exponent ^= 0x8000;
    }
    if (form_.family == Family::kSimd) significand = vector_half();
    f.set_quad(at, significand);
    f.set_word(at + 8, sign_exponent);
  }
  if (form_.family == Family::kSimd) choose_vector_state();
}

void Builder::choose_vector_state() {
  FpuImage& f = case_.fpu;
  // FTZ, rounding, masks and sticky flags; DAZ too.
  if (random_.one_in(2)) {
    std::uint32_t mxcsr = (random_.word() & 0xE03F) | 0x1F80;
    if (random_.one_in(4)) mxcsr |= 0x40;
    if (random_.one_in(3)) mxcsr &= ~(random_.word() & 0x1F80);
    f.set_word(FpuImage::kMxcsr, mxcsr);
  }
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned half = 0; half < 2; ++half) f.set_quad(FpuImage::kXmm + 16 * i + 8 * half, vector_half());
  // No exception of the x87 waits under MMX, but now and then.
  if (!random_.one_in(20)) f.set_word(FpuImage::kStatus, f.word(FpuImage::kStatus) & 0x7F40);
}

void Builder::patch_float_operand(std::uint32_t linear) {
  const x87::MemoryForm form = x87::memory_form(form_.opcode & 7u, static_cast<unsigned>(form_.reg));
  switch (form.action) {
    case x87::MemoryAction::kLoadEnvironment: return patch_environment(linear, false);
    case x87::MemoryAction::kRestore: return patch_environment(linear, true);
    case x87::MemoryAction::kLoadControl: case_.patches.add_number(linear, 0x40 | (random_.word() & 0x1F3F), 2); return;
    default: break;
  }
  switch (form.format) {
    case x87::MemoryFormat::kFloat32: case_.patches.add_number(linear, float32(), 4); break;
    case x87::MemoryFormat::kFloat64: case_.patches.add_number(linear, float64(), 8); break;
    case x87::MemoryFormat::kFloat80: {
      std::uint64_t significand;
      std::uint16_t sign_exponent;
      float80(significand, sign_exponent);
      case_.patches.add_number(linear, significand, 8);
      case_.patches.add_number(linear + 8, sign_exponent, 2);
      break;
    }
    case x87::MemoryFormat::kBcd: {
      std::uint64_t digits = random_.bits();
      if (!random_.one_in(6))
        for (unsigned i = 0; i < 64; i += 4)
          if ((digits >> i & 15) > 9) digits &= ~(std::uint64_t{8} << i);
      case_.patches.add_number(linear, digits, 8);
      case_.patches.add_number(linear + 8, (random_.word() & 0x8000) | random_.below(10) << 4 | random_.below(10), 2);
      break;
    }
    default: case_.patches.add_number(linear, random_.number(8), 8); break;
  }
}

// The protected-mode image, 16- or 32-bit: seven words, then the registers.
void Builder::patch_environment(std::uint32_t linear, bool whole) {
  const unsigned slot = operand32_ ? 4 : 2;
  const std::uint32_t control = 0x40 | (random_.word() & 0x1F3F) | (random_.one_in(2) ? 0x3F : 0);
  const std::uint32_t status = random_.word() & (random_.one_in(8) ? 0xFFFFu : 0x7F40u);
  const std::uint32_t words[7] = {control, status, random_.word() & 0xFFFF, 0, 0, 0, 0};
  for (unsigned i = 0; i < 7; ++i) case_.patches.add_number(linear + i * slot, words[i], slot);
  if (!whole) return;
  for (unsigned i = 0; i < 8; ++i) {
    std::uint64_t significand;
    std::uint16_t sign_exponent;
    float80(significand, sign_exponent);
    case_.patches.add_number(linear + 7 * slot + 10 * i, significand, 8);
    case_.patches.add_number(linear + 7 * slot + 10 * i + 8, sign_exponent, 2);
  }
}

void Builder::patch_vector_operand(std::uint32_t linear) {
  if (number() == 0x1AE) {
    if (form_.reg == 2) {
      std::uint32_t mxcsr = (random_.word() & 0xFFFF) | (random_.one_in(3) ? 0 : 0x1F80);
      if (random_.one_in(12)) mxcsr |= 1u << (16 + random_.below(16));
      case_.patches.add_number(linear, mxcsr, 4);
    }
    if (form_.reg == 1) patch_fx_image(linear);
    return;
  }
  case_.patches.add_number(linear, vector_half(), 8);
  case_.patches.add_number(linear + 8, vector_half(), 8);
}

void Builder::patch_fx_image(std::uint32_t linear) {
  const FpuImage mine = case_.fpu;
  choose_float_state();
  FpuImage& other = case_.fpu;
  if (random_.one_in(12)) other.set_word(FpuImage::kMxcsr + 2, 1u << random_.below(16));
  case_.patches.add(linear, other.bytes);
  case_.fpu = mine;
}

}  // namespace ringside::oracle
