// Numbers as the manuals write them.
#pragma once

#include <cstdint>
#include <string>

#include "debugger/format_text.h"

namespace ringside {

std::string hex8(std::uint8_t value);
std::string hex16(std::uint16_t value);
std::string hex32(std::uint32_t value);
/// As many digits as a physical address of this machine needs: eight, or nine where bits 32-35 are in use.
std::string hex_physical(std::uint64_t value);
/// "0008:C0101234".
std::string logical(std::uint16_t selector, std::uint32_t offset);
/// "12,345,678".
std::string grouped(std::uint64_t value);
/// "4 KiB", "128 MiB", "1234 bytes".
std::string size_text(std::uint64_t bytes);
/// "1.234567 s", "12.3 ms".
std::string time_text(std::uint64_t nanoseconds);

}  // namespace ringside
