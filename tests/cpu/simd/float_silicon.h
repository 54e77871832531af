// The host's own SSE, where there is one: runs one instruction on given registers, exceptions unmasked or not.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define RINGSIDE_HAVE_SSE_SILICON 1
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace ringside::simd {

/// What the instructions under test can read and change.
struct alignas(16) Registers {
  std::uint64_t xmm[2][2];  ///< XMM0, XMM1
  std::uint64_t memory[2];  ///< at [EDX]
  std::uint64_t mm[2];      ///< MM0, MM1
  std::uint64_t flags;
  std::uint32_t eax, ecx;
  std::uint32_t mxcsr;
  std::uint32_t trapped;    ///< an unmasked exception was reported
};

class SseSilicon {
 public:
  explicit SseSilicon(const std::vector<std::uint8_t>& code) {
    page_ = static_cast<std::uint8_t*>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (page_ == MAP_FAILED) throw std::runtime_error("no executable page");
    emit({0x0F, 0x6F, 0x47, 48});                                        // movq mm0, [rdi + 48]
    emit({0x0F, 0x6F, 0x4F, 56});                                        // movq mm1, [rdi + 56]
    emit({0x0F, 0x10, 0x07});                                            // movups xmm0, [rdi]
    emit({0x0F, 0x10, 0x4F, 16});                                        // movups xmm1, [rdi + 16]
    emit({0x48, 0x8D, 0x57, 32});                                        // lea rdx, [rdi + 32]
    emit({0x8B, 0x47, offsetof(Registers, eax)});                        // mov eax, [rdi + eax]
    emit({0x8B, 0x4F, offsetof(Registers, ecx)});                        // mov ecx, [rdi + ecx]
    emit({0xFF, 0x77, 64, 0x9D});                                        // push [rdi + flags]; popfq
    emit({0x0F, 0xAE, 0x57, offsetof(Registers, mxcsr)});                // ldmxcsr [rdi + mxcsr]
    emit(code);
    after_ = page_ + size_;
    emit({0x0F, 0xAE, 0x5F, offsetof(Registers, mxcsr)});                // stmxcsr [rdi + mxcsr]
    emit({0x9C, 0x8F, 0x47, 64, 0xFC});                                  // pushfq; pop [rdi + flags]; cld
    emit({0x89, 0x47, offsetof(Registers, eax)});
    emit({0x0F, 0x11, 0x07});                                            // movups [rdi], xmm0
    emit({0x0F, 0x7F, 0x47, 48});                                        // movq [rdi + 48], mm0
    emit({0x0F, 0x77, 0xC3});                                            // emms; ret
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGFPE, &action, &before_);
  }
  ~SseSilicon() {
    sigaction(SIGFPE, &before_, nullptr);
    munmap(page_, 4096);
  }
  SseSilicon(const SseSilicon&) = delete;
  SseSilicon& operator=(const SseSilicon&) = delete;

  void run(Registers& r) const {
    resume_ = after_;
    trapped_ = false;
    reinterpret_cast<void (*)(Registers*)>(page_)(&r);
    const std::uint32_t quiet = 0x1F80;
    asm volatile("ldmxcsr %0" : : "m"(quiet));
    r.trapped = trapped_ ? 1 : 0;
    if (trapped_) r.mxcsr = trapped_mxcsr_;
  }

 private:
  void emit(const std::vector<std::uint8_t>& bytes) {
    std::memcpy(page_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Notes MXCSR as the exception left it, and goes on behind the instruction with everything masked.
  static void on_signal(int, siginfo_t*, void* context) {
    auto* u = static_cast<ucontext_t*>(context);
    trapped_ = true;
    trapped_mxcsr_ = u->uc_mcontext.fpregs->mxcsr;
    u->uc_mcontext.fpregs->mxcsr = 0x1F80;
    u->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(resume_);
  }

  std::uint8_t* page_;
  std::uint8_t* after_ = nullptr;
  std::size_t size_ = 0;
  struct sigaction before_ {};
  static inline const std::uint8_t* resume_ = nullptr;
  static inline volatile bool trapped_ = false;
  static inline std::uint32_t trapped_mxcsr_ = 0;
};

}  // namespace ringside::simd
#endif
