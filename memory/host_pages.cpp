#include "memory/host_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace ringside {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

void* map_anonymous(void* at, std::size_t bytes, int flags) {
  void* const p = mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  return p;
}

/// Starts on a huge page's boundary: the host has huge pages only there.
void* map_aligned(std::size_t bytes) {
  auto* const got = static_cast<std::uint8_t*>(map_anonymous(nullptr, bytes + kHugePage, 0));
  const std::size_t before = (kHugePage - (reinterpret_cast<std::uintptr_t>(got) & (kHugePage - 1))) & (kHugePage - 1);
  if (before != 0) munmap(got, before);
  munmap(got + before + bytes, kHugePage - before);
  return got + before;
}

}  // namespace

void prefer_huge_pages([[maybe_unused]] void* start, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  madvise(start, bytes, MADV_HUGEPAGE);  // a host without them says so, and does without
#endif
}

HostPages::HostPages(std::size_t bytes, Use use)
    : start_(nullptr), bytes_(bytes), huge_(use == Use::kSparse && bytes >= kHugePage) {
#ifdef MAP_POPULATE
  const int at_once = use == Use::kWhole ? MAP_POPULATE : 0;
#else
  const int at_once = 0;
#endif
  start_ = huge_ ? map_aligned(bytes) : map_anonymous(nullptr, bytes, at_once);
  if (huge_) prefer_huge_pages(start_, bytes_);
}

HostPages::~HostPages() { munmap(start_, bytes_); }

void HostPages::clear() {
  map_anonymous(start_, bytes_, MAP_FIXED);  // a fresh mapping in the same place
  if (huge_) prefer_huge_pages(start_, bytes_);
}

}  // namespace ringside
