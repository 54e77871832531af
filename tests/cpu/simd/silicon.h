// The host's own MMX and SSE units, where there are some: runs one instruction on a given state. Register forms, and
// memory forms at [ebx], have the same bytes in 32- and in 64-bit mode.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define RINGSIDE_HAVE_SILICON 1

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace ringside::simd::test {

/// The FXSAVE image.
struct alignas(16) FxImage {
  std::uint16_t control, status;
  std::uint8_t tags, reserved;
  std::uint16_t opcode;
  std::uint32_t ip;
  std::uint32_t ip_selector;
  std::uint32_t data;
  std::uint32_t data_selector;
  std::uint32_t mxcsr, mxcsr_mask;
  std::uint64_t st[8][2];
  std::uint64_t xmm[8][2];
  std::uint8_t rest[224];
};
static_assert(sizeof(FxImage) == 512);

/// What goes in and comes out; the memory operand is `memory` from `offset` on.
struct State {
  FxImage fx;
  FxImage host_fx;
  std::uint64_t gpr[8];  ///< of EBX and ESP nothing is taken or given
  std::uint64_t flags;
  alignas(64) std::uint8_t memory[64];
};
static_assert(offsetof(State, host_fx) == 512 && offsetof(State, gpr) == 1024 && offsetof(State, flags) == 1088);

class Silicon {
 public:
  Silicon() {
    page_ = static_cast<std::uint8_t*>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (page_ == MAP_FAILED) throw std::runtime_error("no executable page");
  }
  ~Silicon() { munmap(page_, 4096); }
  Silicon(const Silicon&) = delete;
  Silicon& operator=(const Silicon&) = delete;

  void run(const std::vector<std::uint8_t>& code, State& state, std::uint8_t* memory) {
    std::vector<std::uint8_t> all = {0x53, 0x55, 0x41, 0x56};  // push rbx, rbp, r14
    const auto add = [&](std::initializer_list<int> bytes) {
      for (const int b : bytes) all.push_back(static_cast<std::uint8_t>(b));
    };
    const auto word = [&](unsigned value) { add({static_cast<int>(value & 255), static_cast<int>(value >> 8), 0, 0}); };
    add({0x49, 0x89, 0xFE});                         // mov r14, rdi
    add({0x48, 0x89, 0xF3});                         // mov rbx, rsi
    add({0x41, 0x0F, 0xAE, 0x86}), word(512);        // fxsave [r14 + 512]
    add({0x41, 0x0F, 0xAE, 0x0E});                   // fxrstor [r14]
    add({0x41, 0xFF, 0xB6}), word(1088), add({0x9D});  // push [r14 + flags]; popfq
    for (const unsigned r : kRegisters) add({0x49, 0x8B, static_cast<int>(0x86 | r << 3)}), word(1024 + 8 * r);
    all.insert(all.end(), code.begin(), code.end());
    for (const unsigned r : kRegisters) add({0x49, 0x89, static_cast<int>(0x86 | r << 3)}), word(1024 + 8 * r);
    add({0x9C, 0x41, 0x8F, 0x86}), word(1088);       // pushfq; pop [r14 + flags]
    add({0x41, 0x0F, 0xAE, 0x06});                   // fxsave [r14]
    add({0x41, 0x0F, 0xAE, 0x8E}), word(512);        // fxrstor [r14 + 512]
    add({0x41, 0x5E, 0x5D, 0x5B, 0xFC, 0xC3});       // pop r14, rbp, rbx; cld; ret
    std::memcpy(page_, all.data(), all.size());
    reinterpret_cast<void (*)(State*, std::uint8_t*)>(page_)(&state, memory);
  }

 private:
  static constexpr unsigned kRegisters[] = {0, 1, 2, 5, 6, 7};
  std::uint8_t* page_;
};

}  // namespace ringside::simd::test
#endif
