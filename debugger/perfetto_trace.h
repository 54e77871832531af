// The trap log as a trace that chrome://tracing and ui.perfetto.dev open: what the processor was doing, over guest time.
//
//   process "Rings"        a track a ring: when the processor was in it
//   process "Interrupts"   tracks for hardware interrupts, software interrupts and exceptions: from delivery to IRET
//   process "Processes"    a track a value of CR3: when it was loaded
//   process "Remarks"      task switches, what devices say about the guest
//
// The file is whole JSON after every piece that is written, so what a run that was killed leaves opens too.
// Trace Event Format, "JSON Object Format", "Complete Events".
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpu/cpu_bus.h"
#include "machine/machine.h"

namespace ringside {

class PerfettoTrace {
 public:
  /// Throws FileError.
  PerfettoTrace(const Machine& machine, const std::string& path);
  ~PerfettoTrace();
  PerfettoTrace(const PerfettoTrace&) = delete;
  PerfettoTrace& operator=(const PerfettoTrace&) = delete;

  /// Whether a --trace file of this name is to be one.
  static bool wanted_by(const std::string& path);

  void trap(const TrapEvent& event);
  void register_written(const RegisterEvent& event);
  void remark(const std::string& text);

 private:
  struct Handler {
    unsigned track;
    Tick begin;
    std::string name, arguments;
  };
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string time(Tick tick) const;
  void add(const std::string& event);
  void slice(unsigned process, unsigned track, const std::string& name, Tick begin, Tick end, const std::string& arguments);
  void instant(const std::string& name, Tick tick);
  void name_process(unsigned process, const std::string& name);
  void name_track(unsigned process, unsigned track, const std::string& name);
  void enter_ring(unsigned ring, Tick tick);
  void enter_handler(const TrapEvent& event);
  void leave_handler(Tick tick);
  void load_cr3(std::uint32_t value, Tick tick);
  unsigned space_track(std::uint32_t cr3);
  void flush();

  const Machine& machine_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::string pending_;
  long end_ = 0;  ///< where the next event goes, over the closing brackets
  bool first_ = true;
  unsigned ring_ = 0;
  Tick ring_since_ = 0;
  std::uint32_t cr3_ = 0;
  Tick cr3_since_ = 0;
  std::unordered_map<std::uint32_t, unsigned> spaces_;
  std::vector<Handler> handlers_;  ///< the innermost last
};

}  // namespace ringside
