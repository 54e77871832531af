// The host's own x87, where there is one: runs one instruction on a given state.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define RINGSIDE_HAVE_SILICON 1

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "cpu/x87/unit.h"

namespace ringside::x87 {

/// The 108 bytes of FNSAVE in its 32-bit protected-mode form.
struct SavedState {
  std::uint32_t control, status, tags, ip, ip_selector, data, data_selector;
  std::uint8_t registers[80];
};
static_assert(sizeof(SavedState) == 108);

inline SavedState to_saved(const X87State& s) {
  SavedState out{};
  out.control = s.control;
  out.status = s.status;
  out.tags = s.tags;
  for (unsigned i = 0; i < 8; ++i) {
    const Float80& r = s.reg[((s.status >> 11 & 7u) + i) & 7];
    std::memcpy(out.registers + 10 * i, &r.significand, 8);
    std::memcpy(out.registers + 10 * i + 8, &r.sign_exp, 2);
  }
  return out;
}

/// One instruction between FRSTOR and FNSAVE; neither they nor the way back wait, so that unmasked
/// exceptions stay in the saved state.
class Silicon {
 public:
  /// `code`: the instruction; its memory operand, if any, is [rdx].
  explicit Silicon(const std::vector<std::uint8_t>& code) {
    page_ = static_cast<std::uint8_t*>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (page_ == MAP_FAILED) throw std::runtime_error("no executable page");
    std::vector<std::uint8_t> all = {0xFF, 0x31, 0x9D, 0xDD, 0x27};  // push [rcx]; popfq; frstor [rdi]
    all.insert(all.end(), code.begin(), code.end());
    const std::uint8_t tail[] = {0xDD, 0x36, 0x9C, 0x8F, 0x01, 0xFC, 0xC3};  // fnsave [rsi]; pushfq; pop [rcx]; cld; ret
    all.insert(all.end(), tail, tail + sizeof tail);
    std::memcpy(page_, all.data(), all.size());
  }
  ~Silicon() { munmap(page_, 4096); }
  Silicon(const Silicon&) = delete;
  Silicon& operator=(const Silicon&) = delete;

  void run(const SavedState& in, SavedState& out, void* memory, std::uint64_t& flags) const {
    std::uint16_t control;
    asm volatile("fnstcw %0" : "=m"(control));
    reinterpret_cast<void (*)(const void*, void*, void*, std::uint64_t*)>(page_)(&in, &out, memory, &flags);
    asm volatile("fldcw %0" : : "m"(control));
  }

 private:
  std::uint8_t* page_;
};

}  // namespace ringside::x87
#endif
