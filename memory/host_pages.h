// Large zeroed areas of host memory.
#pragma once

#include <cstddef>

namespace ringside {

/// A mapping of zeros that (Use::kSparse) costs the host nothing where it is never touched. Large ones ask for huge pages:
/// guest RAM and decoded code are walked at random, and with small pages the host's own TLB misses are what a
/// large guest waits for.
class HostPages {
 public:
  enum class Use {
    kSparse,  ///< much of it perhaps never
    kWhole,   ///< all of it, and soon: the host gives it at once, not page by page at a fault each; small pages, since the
              ///< host may have to look long for a huge one
  };

  /// `bytes` is a whole number of the host's pages. Throws std::bad_alloc.
  explicit HostPages(std::size_t bytes, Use use = Use::kSparse);
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
  bool huge_;
};

/// Asks for huge pages in a mapping that somebody else made.
void prefer_huge_pages(void* start, std::size_t bytes);

}  // namespace ringside
