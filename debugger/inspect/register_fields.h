// The fields of the processor's registers, table entries and error codes: names as in the SDM, and what they mean.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cpu/fault.h"
#include "debugger/inspect/document.h"

namespace ringside {

struct FieldInfo {
  const char* name;
  unsigned high, low;
  const char* tip;
};

std::span<const FieldInfo> eflags_fields();
std::span<const FieldInfo> cr0_fields();
std::span<const FieldInfo> cr4_fields();
std::span<const FieldInfo> dr6_fields();
std::span<const FieldInfo> dr7_fields();

/// A register by its fields; bits without a field are drawn as reserved.
BitStrip register_strip(const std::string& title, std::uint64_t value, std::span<const FieldInfo> fields,
                        unsigned width = 32);
/// "PF ZF IF IOPL=3": the fields that are not zero.
std::string set_fields(std::uint64_t value, std::span<const FieldInfo> fields);

BitStrip selector_strip(const std::string& title, std::uint16_t selector);
/// Code, data, system segment or gate, as its type says.
BitStrip descriptor_strip(const std::string& title, std::uint64_t raw);
/// "code, DPL 0, base 00000000, limit FFFFFFFF, 32-bit, readable": one line.
std::string descriptor_line(std::uint64_t raw);
/// "32-bit interrupt gate", "data segment, writable", ...
std::string descriptor_type(std::uint64_t raw);

enum class PagingLevel : std::uint8_t { kPdpte, kPde, kPte };
/// `pae`: 64-bit entries. A PDE with PS set is drawn as one that maps a page.
BitStrip paging_entry_strip(const std::string& title, std::uint64_t entry, PagingLevel level, bool pae);
/// "present, read/write, supervisor, accessed, dirty".
std::string paging_entry_line(std::uint64_t entry, PagingLevel level);

/// A page fault's error code, or the selector form of the others.
BitStrip error_code_strip(Vector vector, std::uint32_t error_code);

}  // namespace ringside
