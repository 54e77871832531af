#include "tests/oracle/shadow_memory.h"

#ifdef RINGSIDE_SANITIZE

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "tests/oracle/layout.h"

// Without this AddressSanitizer lets nobody have the addresses behind its shadow of low memory, up to far beyond 4 GiB.
extern "C" const char* __asan_default_options() { return "protect_shadow_gap=0"; }

namespace ringside::oracle {
namespace {

struct Range {
  std::uintptr_t from, to;
};

void* address(std::uintptr_t at) { return reinterpret_cast<void*>(at); }

std::uintptr_t shadow_of(std::uintptr_t linear) {
  std::size_t scale, offset;
  __asan_get_shadow_mapping(&scale, &offset);
  return (linear >> scale) + offset;
}

/// The shadow of what lies below the shadow itself.
Range low_shadow() {
  const std::uintptr_t from = shadow_of(0) & ~std::uintptr_t{kPage - 1};
  return {from - kPage, (shadow_of(from) + kPage - 1) & ~std::uintptr_t{kPage - 1}};
}

/// The shadow of the cases' last page.
Range top_shadow() {
  const std::uintptr_t from = shadow_of(kTopAt) & ~std::uintptr_t{kPage - 1};
  return {from, from + kPage};
}

bool protect(const Range& range, int rights) {
  return mprotect(address(range.from), range.to - range.from, rights) == 0;
}

bool unmap(std::uintptr_t from, std::uintptr_t to) { return munmap(address(from), to - from) == 0; }

}  // namespace

bool make_room_below_4g() {
  const Range low = low_shadow(), top = top_shadow();
  return unmap(low.to, top.from) && unmap(top.to, std::uintptr_t{1} << 32);
}

// A page without any rights is not present to the processor, as if it were not mapped.
HiddenShadow::HiddenShadow() {
  protect(low_shadow(), PROT_NONE);
  protect(top_shadow(), PROT_NONE);
}

HiddenShadow::~HiddenShadow() {
  protect(low_shadow(), PROT_READ | PROT_WRITE);
  protect(top_shadow(), PROT_READ | PROT_WRITE);
}

}  // namespace ringside::oracle

#endif
