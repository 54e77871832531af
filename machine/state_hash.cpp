#include "machine/state_hash.h"

#include <xxhash.h>

#include <new>

namespace ringside {

struct StateHasher::Engine {
  XXH3_state_t* state = XXH3_createState();
  Engine() {
    if (state == nullptr) throw std::bad_alloc();
    XXH3_128bits_reset(state);
  }
  ~Engine() { XXH3_freeState(state); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
};

StateHasher::StateHasher() : engine_(std::make_unique<Engine>()) {}
StateHasher::~StateHasher() = default;

void StateHasher::drain() {
  XXH3_128bits_update(engine_->state, small_.data(), used_);
  used_ = 0;
}

void StateHasher::bytes(const char*, void* data, std::size_t size) {
  drain();
  XXH3_128bits_update(engine_->state, data, size);
}

void StateHasher::blob(const char* name, std::vector<std::uint8_t>& data, std::size_t) {
  std::uint64_t size = data.size();
  scalar(name, size, 8);
  bytes(name, data.data(), data.size());
}

void StateHasher::scalar(const char*, std::uint64_t& value, unsigned width) {
  if (used_ + width > small_.size()) drain();
  for (unsigned i = 0; i < width; ++i) small_[used_++] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::string StateHasher::digest() {
  drain();
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(engine_->state));
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : canonical.digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace ringside
