// Runs a case on Ringside's processor, in the circumstances that silicon.cpp finds on silicon: CPL 3, paging, the
// same descriptors, every exception handled in ring 0.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/oracle/case.h"

namespace ringside::oracle {

enum class Executor { kExact, kFast };

class SimulatedProcessor {
 public:
  SimulatedProcessor();
  ~SimulatedProcessor();

  void run(const Case& c, Executor executor, Result& result);
  /// Counts from now on why the cases of the reference executor ended, by the names of cpu/causes.def.
  void count_causes();
  const std::map<std::string, std::uint64_t>& causes() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> in_;
};

}  // namespace ringside::oracle
