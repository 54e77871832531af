#include "cpu/fault.h"

#include <cstddef>

namespace ringside {
namespace {

struct CauseRow {
  const char* name;
  Vector vector;
  const char* sentence;
};

constexpr CauseRow kCauses[] = {
#define CAUSE(name, vector, sentence) {#name, Vector::vector, sentence},
#include "cpu/causes.def"
#undef CAUSE
};

const CauseRow& row(Cause cause) {
  const auto i = static_cast<std::size_t>(cause);
  return kCauses[i < std::size(kCauses) ? i : 0];
}

std::string hex(std::uint64_t value, int digits) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text(static_cast<std::size_t>(digits), '0');
  for (int i = digits - 1; i >= 0; --i, value >>= 4) text[static_cast<std::size_t>(i)] = kDigits[value & 15];
  return text + "h";
}

}  // namespace

Vector vector_of(Cause cause) { return row(cause).vector; }
const char* cause_name(Cause cause) { return row(cause).name + 1; }
const char* cause_sentence(Cause cause) { return row(cause).sentence; }

const char* vector_mnemonic(Vector vector) {
  switch (vector) {
    case Vector::kDE: return "#DE";
    case Vector::kDB: return "#DB";
    case Vector::kNMI: return "NMI";
    case Vector::kBP: return "#BP";
    case Vector::kOF: return "#OF";
    case Vector::kBR: return "#BR";
    case Vector::kUD: return "#UD";
    case Vector::kNM: return "#NM";
    case Vector::kDF: return "#DF";
    case Vector::kTS: return "#TS";
    case Vector::kNP: return "#NP";
    case Vector::kSS: return "#SS";
    case Vector::kGP: return "#GP";
    case Vector::kPF: return "#PF";
    case Vector::kMF: return "#MF";
    case Vector::kAC: return "#AC";
    case Vector::kMC: return "#MC";
    case Vector::kXM: return "#XM";
  }
  return "#??";
}

bool has_error_code(Vector vector) {
  switch (vector) {
    case Vector::kDF:
    case Vector::kTS:
    case Vector::kNP:
    case Vector::kSS:
    case Vector::kGP:
    case Vector::kPF:
    case Vector::kAC: return true;
    default: return false;
  }
}

std::string describe(const Fault& fault) {
  static constexpr const char* kSegNames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
  const FaultDetail& d = fault.detail;
  std::string text = std::string(vector_mnemonic(fault.vector)) + ": " + cause_sentence(fault.cause);
  std::string operands;
  const auto add = [&](const std::string& what) { operands += (operands.empty() ? "" : ", ") + what; };
  if (fault.vector == Vector::kPF) {
    add("linear address " + hex(d.linear, 8));
    for (std::size_t i = 0; i < d.levels && i < d.entries.size(); ++i)
      add("entry " + hex(d.entries[i], 8) + " at " + hex(d.entry_addresses[i], 8));
    add(std::string((fault.error_code & kPfUser) != 0 ? "user" : "supervisor") +
        ((fault.error_code & kPfFetch) != 0 ? " fetch" : (fault.error_code & kPfWrite) != 0 ? " write" : " read"));
  } else {
    if (d.seg < std::size(kSegNames)) add(std::string(kSegNames[d.seg]) + " offset " + hex(d.offset, 8));
    else if (d.offset != 0) add("value " + hex(d.offset, 8));
    if (d.limit != 0) add("limit " + hex(d.limit, 8));
    if (d.selector != 0) add("selector " + hex(d.selector, 4));
    if (d.descriptor != 0) add("descriptor " + hex(d.descriptor, 16));
    if (d.linear != 0) add("linear address " + hex(d.linear, 8));
  }
  if (has_error_code(fault.vector)) add("error code " + hex(fault.error_code, 4));
  return operands.empty() ? text : text + " (" + operands + ")";
}

}  // namespace ringside
