// Large zeroed areas of host memory.
#pragma once

#include <cstddef>

namespace ringside {

/// A mapping of zeros that costs the host nothing where it is never touched. Large ones ask for huge pages:
/// guest RAM and decoded code are walked at random, and with small pages the host's own TLB misses are what a
/// large guest waits for.
class HostPages {
 public:
  /// `bytes` is a whole number of the host's pages. Throws std::bad_alloc.
  explicit HostPages(std::size_t bytes);
  ~HostPages();
  HostPages(const HostPages&) = delete;
  HostPages& operator=(const HostPages&) = delete;

  template <typename T = unsigned char>
  T* as() const {
    return static_cast<T*>(start_);
  }
  std::size_t bytes() const { return bytes_; }
  /// All zeros again; the host has its memory back. Throws std::bad_alloc, after which the area is unusable.
  void clear();

 private:
  void* start_;
  std::size_t bytes_;
};

/// Asks for huge pages in a mapping that somebody else made.
void prefer_huge_pages(void* start, std::size_t bytes);

}  // namespace ringside
