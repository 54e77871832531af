// One visit of a part's state serves saving, loading, hashing, comparison and the raw view.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace ringside {

/// A saved state that does not fit the machine it is loaded into, or is damaged.
struct StateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Visits every field of a part in a fixed order. Parts implement `void visit(StateVisitor&)` once and
/// name their fields there; what happens to a field (written, read back, hashed) is the visitor's affair.
/// After a visit for which `loading()` is true a part must rebuild what it derives from its fields.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;

  /// Opens and closes a named group of fields.
  virtual void begin(const char* part) = 0;
  virtual void end() = 0;

  /// True where the visit writes into the fields.
  virtual bool loading() const = 0;

  /// False where the visitor's owner keeps RAM, video memory and written sectors itself, piece by piece: parts
  /// leave them out then, and keep what they have derived from the rest of them.
  virtual bool bulk() const { return true; }

  /// A block of raw bytes whose size never changes.
  virtual void bytes(const char* name, void* data, std::size_t size) = 0;

  /// A block of bytes whose length is state too; a load refuses more than `max` bytes with StateError.
  virtual void blob(const char* name, std::vector<std::uint8_t>& data, std::size_t max) = 0;

  /// A number, a bool or an enum.
  template <typename T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void field(const char* name, T& value) {
    auto raw = static_cast<std::uint64_t>(value);
    scalar(name, raw, sizeof(T));
    if (loading()) {
      if constexpr (std::is_same_v<T, bool>) {
        value = raw != 0;
      } else {
        value = static_cast<T>(raw);
      }
    }
  }

  template <typename T, std::size_t N>
  void field(const char* name, T (&values)[N]) {
    for (T& value : values) field(name, value);
  }

  template <typename T, std::size_t N>
  void field(const char* name, std::array<T, N>& values) {
    for (T& value : values) field(name, value);
  }

 protected:
  /// The low `width` bytes of `value`; a load replaces it.
  virtual void scalar(const char* name, std::uint64_t& value, unsigned width) = 0;
};

/// Closes the group that it opened when it goes out of scope.
class VisitGroup {
 public:
  VisitGroup(StateVisitor& visitor, const char* part) : visitor_(visitor) { visitor_.begin(part); }
  ~VisitGroup() { visitor_.end(); }
  VisitGroup(const VisitGroup&) = delete;
  VisitGroup& operator=(const VisitGroup&) = delete;

 private:
  StateVisitor& visitor_;
};

}  // namespace ringside
