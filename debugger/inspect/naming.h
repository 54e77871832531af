// Names of places and their source lines, whoever knows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ringside {

struct SourcePlace {
  std::string file;
  unsigned line = 0;
  bool operator==(const SourcePlace&) const = default;
};

class Naming {
 public:
  virtual ~Naming() = default;
  /// "schedule+12h", or nothing where no symbol is near.
  virtual std::string name_of(std::uint32_t linear) const = 0;
  /// The symbol that begins exactly here, or nothing.
  virtual std::string label_at(std::uint32_t linear) const = 0;
  virtual std::optional<SourcePlace> source_of(std::uint32_t linear) const = 0;
  /// The address of a name, for people who type one.
  virtual std::optional<std::uint32_t> address_of(const std::string& name) const = 0;
};

}  // namespace ringside
