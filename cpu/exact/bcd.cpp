// Decimal adjustments, SDM Vol. 1, "Decimal Arithmetic Instructions". The flags that the manual leaves
// undefined are those that an Intel Core gives for every operand: OF cleared, the others from AL; after
// AAD those of the addition.
#include "cpu/access.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

constexpr std::uint8_t kAL = 4 * kEAX;
constexpr std::uint8_t kAH = 4 * kEAX + 1;
constexpr std::uint8_t kAX = 4 * kEAX;

/// A decimal digit of AL needs its adjustment.
bool low_digit_overflowed(const Cpu& cpu, std::uint8_t al) { return (al & 0x0F) > 9 || cpu.flags.af(); }

void set_flags(LazyFlags& f, std::uint8_t al, bool cf, bool af) {
  f.result = alu::sign_extend<std::uint8_t>(al);
  f.set_cf(cf);
  f.set_of_af(false, af);
}

}  // namespace

// IF (AL AND 0FH) > 9 or AF = 1 THEN AL := AL + 6; AF := 1
// IF old AL > 99H or old CF = 1 THEN AL := AL + 60H; CF := 1
void daa(Cpu& cpu, const Op&) {
  const std::uint8_t old = cpu.reg<std::uint8_t>(kAL);
  const bool af = low_digit_overflowed(cpu, old);
  const bool cf = old > 0x99 || cpu.flags.cf();
  const auto al = static_cast<std::uint8_t>(old + (af ? 0x06 : 0) + (cf ? 0x60 : 0));
  cpu.set_reg<std::uint8_t>(kAL, al);
  set_flags(cpu.flags, al, cf, af);
}

// The same with subtraction; here CF also follows from the borrow of AL - 6.
void das(Cpu& cpu, const Op&) {
  const std::uint8_t old = cpu.reg<std::uint8_t>(kAL);
  const bool af = low_digit_overflowed(cpu, old);
  const bool high = old > 0x99 || cpu.flags.cf();
  const bool cf = high || (af && old < 6);
  const auto al = static_cast<std::uint8_t>(old - (af ? 0x06 : 0) - (high ? 0x60 : 0));
  cpu.set_reg<std::uint8_t>(kAL, al);
  set_flags(cpu.flags, al, cf, af);
}

// IF (AL AND 0FH) > 9 or AF = 1 THEN AX := AX + 106H; AF := 1; CF := 1; AL := AL AND 0FH
void aaa(Cpu& cpu, const Op&) {
  const std::uint16_t ax = cpu.reg<std::uint16_t>(kAX);
  const bool adjust = low_digit_overflowed(cpu, static_cast<std::uint8_t>(ax));
  const auto sum = static_cast<std::uint16_t>((ax + (adjust ? 0x106 : 0)) & 0xFF0F);
  cpu.set_reg<std::uint16_t>(kAX, sum);
  set_flags(cpu.flags, static_cast<std::uint8_t>(sum), adjust, adjust);
}

// IF (AL AND 0FH) > 9 or AF = 1 THEN AX := AX - 6; AH := AH - 1; AF := 1; CF := 1; AL := AL AND 0FH
void aas(Cpu& cpu, const Op&) {
  const std::uint16_t ax = cpu.reg<std::uint16_t>(kAX);
  const bool adjust = low_digit_overflowed(cpu, static_cast<std::uint8_t>(ax));
  const auto difference = static_cast<std::uint16_t>((ax - (adjust ? 0x106 : 0)) & 0xFF0F);
  cpu.set_reg<std::uint16_t>(kAX, difference);
  set_flags(cpu.flags, static_cast<std::uint8_t>(difference), adjust, adjust);
}

// IF imm8 = 0 THEN #DE; AH := AL / imm8; AL := AL MOD imm8
void aam(Cpu& cpu, const Op& op) {
  const auto base = static_cast<std::uint8_t>(op.imm);
  if (base == 0) cpu.raise(Cause::kDeAamZero);
  const std::uint8_t al = cpu.reg<std::uint8_t>(kAL);
  const auto digit = static_cast<std::uint8_t>(al % base);
  cpu.set_reg<std::uint8_t>(kAH, static_cast<std::uint8_t>(al / base));
  cpu.set_reg<std::uint8_t>(kAL, digit);
  set_flags(cpu.flags, digit, false, false);
}

// AL := (AL + AH * imm8) AND FFH; AH := 0
void aad(Cpu& cpu, const Op& op) {
  const auto tens = static_cast<std::uint8_t>(cpu.reg<std::uint8_t>(kAH) * (op.imm & 0xFF));
  cpu.set_reg<std::uint16_t>(kAX, alu::add<std::uint8_t>(cpu.flags, cpu.reg<std::uint8_t>(kAL), tens));
}

}  // namespace ringside::exact
