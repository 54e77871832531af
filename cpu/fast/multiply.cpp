// MUL, IMUL, DIV on 32-bit operands.
#include "cpu/multiply.h"

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

template <bool is_signed>
inline u64 product(LazyFlags& f, u32 a, u32 b) {
  return is_signed ? multiply::imul<u32>(f, a, b) : multiply::mul<u32>(f, a, b);
}

// EDX:EAX := EAX * operand
template <bool is_signed>
void mul_reg(FAST_ARGS) {
  LazyFlags f;
  const u64 wide = product<is_signed>(f, cpu->gpr[kEAX], get<u32>(cpu, op->dst));
  cpu->gpr[kEAX] = static_cast<u32>(wide);
  cpu->gpr[kEDX] = static_cast<u32>(wide >> 32);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <bool is_signed, Ea ea>
void mul_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, u32>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f;
  const u64 wide = product<is_signed>(f, cpu->gpr[kEAX], load<u32>(host));
  cpu->gpr[kEAX] = static_cast<u32>(wide);
  cpu->gpr[kEDX] = static_cast<u32>(wide >> 32);
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

template <bool imm>
void imul_reg_reg(FAST_ARGS) {
  LazyFlags f;
  const u32 a = imm ? op->imm : get<u32>(cpu, op->dst);
  set<u32>(cpu, op->dst, static_cast<u32>(multiply::imul<u32>(f, a, get<u32>(cpu, op->src))));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}
template <bool imm, Ea ea>
void imul_reg_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, u32>(cpu, op, host)) FAST_GIVE_UP();
  LazyFlags f;
  const u32 a = imm ? op->imm : get<u32>(cpu, op->dst);
  set<u32>(cpu, op->dst, static_cast<u32>(multiply::imul<u32>(f, a, load<u32>(host))));
  FAST_SET_FLAGS(f);
  FAST_NEXT_FORGETTING(op + 1);
}

// A quotient that does not fit, or a zero divisor, is the exact path's #DE. Flags are undefined and stay.
void div_reg(FAST_ARGS) {
  const u32 divisor = get<u32>(cpu, op->dst);
  if (__builtin_expect(cpu->gpr[kEDX] >= divisor, 0)) FAST_GIVE_UP();
  const u64 dividend = u64{cpu->gpr[kEDX]} << 32 | cpu->gpr[kEAX];
  cpu->gpr[kEAX] = static_cast<u32>(dividend / divisor);
  cpu->gpr[kEDX] = static_cast<u32>(dividend % divisor);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Ea ea>
void div_mem(FAST_ARGS) {
  u8* host;
  if (!probe_read<ea, u32>(cpu, op, host)) FAST_GIVE_UP();
  const u32 divisor = load<u32>(host);
  if (__builtin_expect(cpu->gpr[kEDX] >= divisor, 0)) FAST_GIVE_UP();
  const u64 dividend = u64{cpu->gpr[kEDX]} << 32 | cpu->gpr[kEAX];
  cpu->gpr[kEAX] = static_cast<u32>(dividend / divisor);
  cpu->gpr[kEDX] = static_cast<u32>(dividend % divisor);
  FAST_NEXT_FORGETTING(op + 1);
}

#define BY_EA(handler, ...)                                                                      \
  {                                                                                              \
    handler<__VA_ARGS__ Ea::kFlatBase>, handler<__VA_ARGS__ Ea::kFlatIndex>, handler<__VA_ARGS__ Ea::kSegmented>, \
        handler<__VA_ARGS__ Ea::kSegmented16>                                                    \
  }
#define COMMA ,
constexpr Handler kMulMem[2][kEaForms] = {BY_EA(mul_mem, false COMMA), BY_EA(mul_mem, true COMMA)};
constexpr Handler kImulMem[2][kEaForms] = {BY_EA(imul_reg_mem, false COMMA), BY_EA(imul_reg_mem, true COMMA)};
constexpr Handler kDivMem[kEaForms] = BY_EA(div_mem);

}  // namespace

Handler select_multiply(const Form& form) {
  if (form.width != 2) return nullptr;
  const auto ea = static_cast<unsigned>(form.ea);
  switch (form.row.fast) {
    case Fast::kMul: return form.memory ? kMulMem[0][ea] : mul_reg<false>;
    case Fast::kImul: return form.memory ? kMulMem[1][ea] : mul_reg<true>;
    case Fast::kImulRegRm: return form.memory ? kImulMem[0][ea] : imul_reg_reg<false>;
    case Fast::kImulRegRmImm: return form.memory ? kImulMem[1][ea] : imul_reg_reg<true>;
    case Fast::kDiv: return form.memory ? kDivMem[ea] : div_reg;
    default: return nullptr;
  }
}

}  // namespace ringside::fast
