#include "debugger/trap_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "machine/errors.h"

namespace ringside {
namespace {

// The order of the keys is for readers: what happened comes first.
using Json = nlohmann::ordered_json;

Json place(std::uint16_t cs, std::uint32_t eip, std::uint8_t cpl) {
  return {{"cs", cs}, {"eip", eip}, {"cpl", cpl}};
}

void add_fault(Json& json, const Fault& fault) {
  json["mnemonic"] = vector_mnemonic(fault.vector);
  json["cause"] = cause_name(fault.cause);
  json["sentence"] = describe(fault);
  if (has_error_code(fault.vector)) json["error_code"] = fault.error_code;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const char* trap_kind_name(TrapKind kind) {
  switch (kind) {
    case TrapKind::kException: return "exception";
    case TrapKind::kSoftwareInterrupt: return "software-interrupt";
    case TrapKind::kExternal: return "external-interrupt";
    case TrapKind::kNmi: return "nmi";
    case TrapKind::kIret: return "iret";
    case TrapKind::kTaskSwitch: return "task-switch";
    case TrapKind::kRingChange: return "ring-change";
  }
  return "unknown";
}

TrapLog::TrapLog(Machine& machine) : machine_(machine) {
  machine_.set_observer(this);
  machine_.set_device_log(this);
}

TrapLog::~TrapLog() {
  machine_.set_observer(nullptr);
  machine_.set_device_log(nullptr);
}

void TrapLog::write_to(const std::string& path) {
  if (PerfettoTrace::wanted_by(path)) {
    perfetto_ = std::make_unique<PerfettoTrace>(machine_, path);
    return;
  }
  file_.reset(std::fopen(path.c_str(), "wb"));
  if (file_ == nullptr) throw FileError("output file '" + path + "': " + std::strerror(errno));
}

void TrapLog::write_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), file_.get());
  std::fputc('\n', file_.get());
}

void TrapLog::trap(const TrapEvent& event) {
  const bool vectored = event.kind != TrapKind::kIret && event.kind != TrapKind::kTaskSwitch &&
                        event.kind != TrapKind::kRingChange;
  if (vectored) ++by_vector_[event.vector];
  if (event.kind == TrapKind::kException) ++exceptions_;
  if (event.kind == TrapKind::kExternal) ++interrupts_;

  if (recent_.size() == kRecent) recent_.pop_front();
  TrapRecord& record = recent_.emplace_back(TrapRecord{event, std::nullopt});
  if (event.fault != nullptr) record.fault = *event.fault;
  record.event.fault = nullptr;

  if (perfetto_) perfetto_->trap(event);
  if (file_ == nullptr) return;
  Json json{{"tick", event.tick}, {"kind", trap_kind_name(event.kind)}};
  if (vectored) json["vector"] = event.vector;
  if (event.fault != nullptr) add_fault(json, *event.fault);
  json["from"] = place(event.from_cs, event.from_eip, event.from_cpl);
  json["to"] = place(event.to_cs, event.to_eip, event.to_cpl);
  write_line(line_of(json));
}

void TrapLog::register_written(const RegisterEvent& event) {
  if (perfetto_) perfetto_->register_written(event);
}

void TrapLog::note_shutdown() {
  if (perfetto_) perfetto_->remark("shutdown: triple fault");
  if (file_ == nullptr) return;
  const Cpu& cpu = machine_.cpu();
  for (unsigned i = 0; i < cpu.fault_chain.count; ++i) {
    const FaultChain::Entry& entry = cpu.fault_chain.entries[i];
    Json json{{"tick", entry.tick}, {"kind", "undelivered"}, {"vector", static_cast<unsigned>(entry.fault.vector)}};
    add_fault(json, entry.fault);
    json["from"] = place(entry.cs, entry.eip, cpu.cpl);
    write_line(line_of(json));
  }
  write_line(line_of({{"tick", machine_.now()}, {"kind", "shutdown"}}));
}

void TrapLog::lint(const char* device, const std::string& message) {
  if (perfetto_) perfetto_->remark(std::string(device) + ": " + message);
  if (file_ == nullptr) return;
  write_line(line_of({{"tick", machine_.now()}, {"kind", "lint"}, {"device", device}, {"sentence", message}}));
}

void TrapLog::unclaimed_port(std::uint16_t port, bool write, std::uint32_t value) {
  if (file_ == nullptr) return;
  Json json{{"tick", machine_.now()}, {"kind", "unclaimed-port"}, {"port", port}, {"write", write}};
  if (write) json["value"] = value;
  write_line(line_of(json));
}

}  // namespace ringside
