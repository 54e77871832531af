#include "debugger/inspect/milestones.h"

namespace ringside {
namespace {

constexpr std::uint64_t kBootSector = 0x7C00;  // where every PC BIOS loads it

Milestone vector(std::string name, std::string tip, std::uint8_t kinds, std::optional<std::uint8_t> number = std::nullopt) {
  Milestone m{std::move(name), std::move(tip), {}};
  m.point.kind = PointKind::kVector;
  m.point.vector = number;
  m.point.vector_kinds = kinds;
  return m;
}

Milestone control_register(std::string name, std::string tip, std::uint32_t number, std::string condition) {
  Milestone m{std::move(name), std::move(tip), {}};
  m.point.kind = PointKind::kControlRegister;
  m.point.number = number;
  m.point.condition = std::move(condition);
  return m;
}

Milestone ring(std::string name, std::string tip, std::optional<std::uint8_t> to) {
  Milestone m{std::move(name), std::move(tip), {}};
  m.point.kind = PointKind::kRingChange;
  m.point.ring = to;
  return m;
}

// A regular expression that matches this text and nothing else.
std::string literally(const std::string& text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string("\\^$.|?*+()[]{}").find(c) != std::string::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

std::vector<Milestone> milestones(const SessionOptions& session) {
  std::vector<Milestone> all;
  Milestone boot{"boot sector", "The BIOS has loaded the disk's first sector to 0000:7C00 and jumps there.", {}};
  boot.point.address = kBootSector;
  all.push_back(boot);
  all.push_back(control_register("protected mode", "CR0 is written with PE set: segments are descriptors from here on.", 0, "value & 1"));
  all.push_back(control_register("paging", "CR0 is written with PG set: every address goes through the page tables from here on.", 0,
                                 "value & 0x80000000"));
  all.push_back(ring("first ring-3 instruction", "The CPL becomes 3: the kernel has entered a user's program.", 3));
  if (!session.ready.empty()) {
    Milestone ready{"guest is ready", "The guest has said on COM1: " + session.ready, {}};
    ready.point.kind = PointKind::kSerialText;
    ready.point.text = literally(session.ready);
    all.push_back(ready);
  }
  all.back().group_ends = true;
  all.push_back(vector("exception", "The processor finds a reason to complain: any exception.", kExceptions));
  all.push_back(vector("page fault", "Exception 14.", kExceptions, std::uint8_t{14}));
  all.push_back(vector("hardware interrupt", "A device's interrupt is delivered.", kHardwareInterrupts));
  all.push_back(vector("INT n", "A software interrupt: a system call, or a call of the BIOS.", kSoftwareInterrupts));
  all.push_back(ring("change of ring", "The CPL changes, in whatever direction.", std::nullopt));
  all.push_back(control_register("load of CR3", "Another address space, or a flush of the TLB.", 3, ""));
  return all;
}

}  // namespace ringside
