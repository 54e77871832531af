// x87 states and operands, and vector registers: denormals, infinities, NaNs, what no format has.
#include "tests/oracle/builder.h"

namespace ringside::oracle {
namespace {

constexpr std::uint64_t kIntegerBit = std::uint64_t{1} << 63;

}  // namespace

void Builder::choose_float_state() {}
void Builder::choose_vector_state() {}
std::uint64_t Builder::float32() { return random_.bits(); }
std::uint64_t Builder::float64() { return random_.bits(); }
std::uint64_t Builder::vector_half() { return random_.bits(); }
void Builder::float80(std::uint64_t& significand, std::uint16_t& sign_exponent) {
  significand = random_.bits() | kIntegerBit;
  sign_exponent = static_cast<std::uint16_t>(random_.word());
}
void Builder::patch_float_operand(std::uint32_t linear) { case_.patches.add_number(linear, random_.bits(), 8); }
void Builder::patch_vector_operand(std::uint32_t linear) { case_.patches.add_number(linear, random_.bits(), 8); }
void Builder::patch_environment(std::uint32_t, bool) {}
void Builder::patch_fx_image(std::uint32_t) {}

}  // namespace ringside::oracle
