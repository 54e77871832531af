// The list of what is tested: one form for each row of the opcode table (x87: for each operation), in the order
// of their keys.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ringside::oracle {

enum class Family : std::uint8_t { kInteger, kSystem, kFloat, kSimd };

struct Form {
  std::string key;       ///< as in reports and vector files: "01", "0FBA/4", "D8/2m", "D9F2", "F30F58"
  const char* mnemonic;
  Family family;
  bool two_byte = false;             ///< behind 0F
  std::uint8_t opcode = 0;
  std::uint8_t mandatory = 0;        ///< 66, F3, F2 or none
  bool no_repeat = false;            ///< a prefix 66, F2 or F3 makes another instruction of it
  std::int8_t reg = -1;              ///< ModR/M.reg where it belongs to the opcode
  enum Operand : std::uint8_t { kAny, kMemory, kRegister } operand = kAny;
  int modrm = -1;                    ///< the whole byte, where it belongs to the opcode
  std::uint32_t encoding = 0;        ///< cpu/opcodes.h
  std::uint32_t undefined = 0;       ///< arithmetic flags that the manual leaves undefined
};

/// All forms that can be compared with silicon. What is left out, and why: form.cpp.
std::span<const Form> all_forms();
const Form* find_form(const std::string& key);

/// What the programs call a part of the list: "integer" (with the system instructions), "x87", "simd".
std::vector<std::string> family_names();
/// Whether a form belongs to the part of that name; an empty name is the whole list.
bool in_family(const Form& form, const std::string& name);

}  // namespace ringside::oracle
