// How each emulator is started on a benchmark, and what it says about it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/benchmark_list.h"

namespace ringside {

struct RunResult {
  double cpu_seconds = 0.0;
  double work_seconds = 0.0;       ///< between the guest's marks; 0 where it sets none
  std::uint64_t instructions = 0;  ///< of the guest; 0 where the emulator does not count them
  std::string check;               ///< what the guest printed
  std::string problem;             ///< empty where the guest finished and switched off
};

class Emulator {
 public:
  Emulator(std::string name, std::string program, std::string scratch)
      : name_(std::move(name)), program_(std::move(program)), scratch_(std::move(scratch)) {}
  virtual ~Emulator() = default;

  const std::string& name() const { return name_; }
  virtual bool can_run(const Benchmark&) const { return true; }
  RunResult run(const Benchmark& benchmark, unsigned limit_seconds);

 protected:
  /// The command line; the guest's COM1 goes to the file `serial`.
  virtual std::vector<std::string> command(const Benchmark& benchmark, const std::string& serial) = 0;
  virtual bool good_exit(int code) const { return code == 0; }
  virtual std::uint64_t instructions() const { return 0; }

  std::string name_, program_, scratch_;
};

/// A null pointer where the program is not there.
std::unique_ptr<Emulator> make_ringside(const std::string& program, const std::string& scratch);
std::unique_ptr<Emulator> make_qemu(const std::string& program, const std::string& scratch);
std::unique_ptr<Emulator> make_bochs(const std::string& program, const std::string& scratch);

}  // namespace ringside
