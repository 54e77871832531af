// Every trap, interrupt, IRET and ring change, and the devices' remarks: the recent ones in memory, and all
// of them in a file where that is wanted, one JSON object a line, or as a trace for viewers (perfetto_trace.h).
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cpu/cpu_bus.h"
#include "debugger/perfetto_trace.h"
#include "devices/device_log.h"
#include "machine/machine.h"

namespace ringside {

struct TrapRecord {
  TrapEvent event;
  std::optional<Fault> fault;
};

const char* trap_kind_name(TrapKind kind);

class TrapLog final : public CpuObserver, public DeviceLog {
 public:
  /// Listens to `machine` until it is destroyed.
  explicit TrapLog(Machine& machine);
  ~TrapLog() override;
  TrapLog(const TrapLog&) = delete;
  TrapLog& operator=(const TrapLog&) = delete;

  /// From now on to a file as well; one named *.perfetto.json is a trace for viewers. Throws FileError.
  void write_to(const std::string& path);

  const std::deque<TrapRecord>& recent() const { return recent_; }
  std::uint64_t exceptions() const { return exceptions_; }
  std::uint64_t interrupts() const { return interrupts_; }
  std::uint64_t count_of(unsigned vector) const { return by_vector_[vector & 0xFF]; }

  /// The faults of a delivery that ended in shutdown: they have reached no handler, so trap() never saw them.
  void note_shutdown();

  void trap(const TrapEvent& event) override;
  void register_written(const RegisterEvent& event) override;
  void lint(const char* device, const std::string& message) override;
  void unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) override;

 private:
  static constexpr std::size_t kRecent = 64;
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write_line(const std::string& line);

  Machine& machine_;
  std::deque<TrapRecord> recent_;
  std::array<std::uint64_t, 256> by_vector_{};
  std::uint64_t exceptions_ = 0;
  std::uint64_t interrupts_ = 0;
  std::unique_ptr<std::FILE, Closer> file_;
  std::unique_ptr<PerfettoTrace> perfetto_;
};

}  // namespace ringside
