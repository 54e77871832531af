// Choosing among the fast handlers of MMX, SSE and SSE2, and the integer instructions on XMM registers.
#include "cpu/fast/simd.h"

#include <algorithm>

#include "cpu/simd/exact_simd.h"

namespace ringside::fast {
namespace {

using u8 = std::uint8_t;

/// Operations that compilers use on scalars too: for signs, and to make vectors of them.
template <typename Operation>
constexpr bool takes_scalars =
    std::is_same_v<Operation, simd::And> || std::is_same_v<Operation, simd::AndNot> ||
    std::is_same_v<Operation, simd::Or> || std::is_same_v<Operation, simd::Xor> ||
    std::is_same_v<Operation, simd::Unpack<simd::U32, false>> || std::is_same_v<Operation, simd::Unpack<simd::U64, false>>;
template <typename Operation>
[[gnu::always_inline]] inline Vector128 operand(const Cpu* cpu, u8 offset) {
  if constexpr (takes_scalars<Operation>) return get_xmm_halves(cpu, offset);
  else return get_xmm(cpu, offset);
}

template <typename Operation>
void xmm_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, Operation::template apply<16>(operand<Operation>(cpu, op->dst), operand<Operation>(cpu, op->src)));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename Operation, Ea ea>
void xmm_mem(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_aligned<ea>(cpu, op, host)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, Operation::template apply<16>(operand<Operation>(cpu, op->dst), load<Vector128>(host)));
  FAST_NEXT_FORGETTING(op + 1);
}
template <typename Operation>
void xmm_shift_imm(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set_xmm(cpu, op->dst, Operation::by(get_xmm(cpu, op->dst), op->imm));
  FAST_NEXT_FORGETTING(op + 1);
}

enum class Shuffle : u8 { kDoublewords, kLowWords, kHighWords, kSingles, kDoubles };

template <Shuffle kind>
[[gnu::always_inline]] inline Vector128 shuffled(const Vector128& d, const Vector128& s, unsigned imm) {
  if constexpr (kind == Shuffle::kLowWords) return {{simd::shuffle_words(s.q[0], imm), s.q[1]}};
  if constexpr (kind == Shuffle::kHighWords) return {{s.q[0], simd::shuffle_words(s.q[1], imm)}};
  if constexpr (kind == Shuffle::kDoubles) return simd::shuffle_quadwords(d, s, imm);
  return {};
}
// Doublewords are taken straight from the register file or memory: an index there is an address.
[[gnu::always_inline]] inline Vector128 picked(const u8* lower, const u8* upper, unsigned imm) {
  const auto at = [](const u8* from, unsigned n) { return load<std::uint32_t>(from + 4 * (n & 3)); };
  typedef std::uint32_t Picked __attribute__((vector_size(16)));
  return std::bit_cast<Vector128>(Picked{at(lower, imm), at(lower, imm >> 2), at(upper, imm >> 4), at(upper, imm >> 6)});
}
template <Shuffle kind>
[[gnu::always_inline]] inline void shuffle(Cpu* cpu, const Op* op, const u8* source) {
  auto* const file = reinterpret_cast<u8*>(cpu->x87.xmm);
  if constexpr (kind == Shuffle::kDoublewords) set_xmm(cpu, op->dst, picked(source, source, op->imm));
  else if constexpr (kind == Shuffle::kSingles) set_xmm(cpu, op->dst, picked(file + op->dst, source, op->imm));
  else set_xmm(cpu, op->dst, shuffled<kind>(get_xmm(cpu, op->dst), load<Vector128>(source), op->imm));
}
template <Shuffle kind>
void shuffle_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  shuffle<kind>(cpu, op, reinterpret_cast<const u8*>(cpu->x87.xmm) + op->src);
  FAST_NEXT_FORGETTING(op + 1);
}
template <Shuffle kind, Ea ea>
void shuffle_mem(FAST_ARGS) {
  u8* host;
  if (!sse_ready(cpu) || !probe_read_aligned<ea>(cpu, op, host)) FAST_GIVE_UP();
  shuffle<kind>(cpu, op, host);
  FAST_NEXT_FORGETTING(op + 1);
}

void pinsrw_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  const auto word = get<std::uint16_t>(cpu, op->src);
  set_xmm<std::uint16_t>(cpu, static_cast<u8>(op->dst + 2 * (op->imm & 7)), word);
  FAST_NEXT_FORGETTING(op + 1);
}
void pextrw_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  set<std::uint32_t>(cpu, op->dst, get_xmm<std::uint16_t>(cpu, static_cast<u8>(op->src + 2 * (op->imm & 7))));
  FAST_NEXT_FORGETTING(op + 1);
}
/// The top bits of eight bytes, gathered by one multiplication.
[[gnu::always_inline]] inline std::uint32_t gather(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(((bytes >> 7 & 0x0101010101010101) * 0x0102040810204080) >> 56);
}
void pmovmskb_reg(FAST_ARGS) {
  if (!sse_ready(cpu)) FAST_GIVE_UP();
  const Vector128 value = get_xmm(cpu, op->src);
  set<std::uint32_t>(cpu, op->dst, gather(value.q[0]) | gather(value.q[1]) << 8);
  FAST_NEXT_FORGETTING(op + 1);
}

template <typename Operation>
void add_operation(std::vector<SimdHandlers>& all) {
  add_simd(all, {exact::xmm_operation<Operation>, xmm_reg<Operation>, SIMD_MEMORY_OF(xmm_mem, Operation)});
}
template <typename... Operations>
void add_operations(std::vector<SimdHandlers>& all) {
  (add_operation<Operations>(all), ...);
}
template <typename... Operations>
void add_shifts(std::vector<SimdHandlers>& all) {
  (add_simd(all, {exact::xmm_shift_imm<Operations>, xmm_shift_imm<Operations>, nullptr, nullptr}), ...);
}
template <Shuffle kind>
void add_shuffle(std::vector<SimdHandlers>& all, ExactFn exact) {
  add_simd(all, {exact, shuffle_reg<kind>, SIMD_MEMORY_OF(shuffle_mem, kind)});
}

}  // namespace

void add_simd_integer(std::vector<SimdHandlers>& all) {
  using namespace simd;  // NOLINT: the operations
  using K = ShiftKind;
  add_operations<AddB, AddW, AddD, AddQ, SubB, SubW, SubD, SubQ, AddSaturatedSB, AddSaturatedSW, AddSaturatedUB,
                 AddSaturatedUW, SubSaturatedSB, SubSaturatedSW, SubSaturatedUB, SubSaturatedUW, AverageB, AverageW,
                 MinUB, MaxUB, MinSW, MaxSW, CompareEqualB, CompareEqualW, CompareEqualD, CompareGreaterB,
                 CompareGreaterW, CompareGreaterD, MultiplyLowW, MultiplyHighUW, MultiplyHighSW, MultiplyUDQ, And,
                 AndNot, simd::Or, Xor, MultiplyAddWD, SumOfDifferences>(all);
  add_operations<Unpack<U8, false>, Unpack<U16, false>, Unpack<U32, false>, Unpack<U64, false>, Unpack<U8, true>,
                 Unpack<U16, true>, Unpack<U32, true>, Unpack<U64, true>, Pack<S16, S8>, Pack<S16, U8>,
                 Pack<S32, S16>>(all);
  add_operations<Shift<U16, K::kRight>, Shift<U32, K::kRight>, Shift<U64, K::kRight>, Shift<U16, K::kRightArithmetic>,
                 Shift<U32, K::kRightArithmetic>, Shift<U16, K::kLeft>, Shift<U32, K::kLeft>, Shift<U64, K::kLeft>>(all);
  add_shifts<Shift<U16, K::kRight>, Shift<U32, K::kRight>, Shift<U64, K::kRight>, Shift<U16, K::kRightArithmetic>,
             Shift<U32, K::kRightArithmetic>, Shift<U16, K::kLeft>, Shift<U32, K::kLeft>, Shift<U64, K::kLeft>,
             ShiftBytes<false>, ShiftBytes<true>>(all);
  add_shuffle<Shuffle::kDoublewords>(all, exact::pshufd);
  add_shuffle<Shuffle::kLowWords>(all, exact::pshuflw);
  add_shuffle<Shuffle::kHighWords>(all, exact::pshufhw);
  add_shuffle<Shuffle::kSingles>(all, exact::shufps);
  add_shuffle<Shuffle::kDoubles>(all, exact::shufpd);
  add_simd(all, {exact::pinsrw_xmm, pinsrw_reg, nullptr, nullptr});
  add_simd(all, {exact::pextrw_xmm, pextrw_reg, nullptr, nullptr});
  add_simd(all, {exact::pmovmskb_xmm, pmovmskb_reg, nullptr, nullptr});
}

void add_simd(std::vector<SimdHandlers>& all, const SimdHandlers& handlers) { all.push_back(handlers); }

Handler select_simd(const Form& form) {
  if (form.row.fast != Fast::kSimd) return nullptr;
  static const std::vector<SimdHandlers> handlers = [] {
    std::vector<SimdHandlers> all;
    add_simd_moves(all);
    add_simd_integer(all);
    add_simd_mmx(all);
    add_simd_float(all);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return reinterpret_cast<std::uintptr_t>(a.exact) < reinterpret_cast<std::uintptr_t>(b.exact);
    });
    return all;
  }();
  const auto key = reinterpret_cast<std::uintptr_t>(form.row.exact32);
  const auto found = std::lower_bound(handlers.begin(), handlers.end(), key, [](const SimdHandlers& h, std::uintptr_t k) {
    return reinterpret_cast<std::uintptr_t>(h.exact) < k;
  });
  if (found == handlers.end() || found->exact != form.row.exact32) return nullptr;
  if (!form.memory) return found->reg;
  return form.ea == Ea::kFlatBase ? found->base : form.ea == Ea::kFlatIndex ? found->index : nullptr;
}

}  // namespace ringside::fast
