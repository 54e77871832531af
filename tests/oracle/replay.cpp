#include "tests/oracle/replay.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace ringside::oracle {
namespace {

struct Group {
  const char* name;
  const char* mnemonics;  ///< between blanks
};
/// The first group that lists the mnemonic has it.
constexpr Group kGroups[] = {
    {"ALU", " ADD ADC SUB SBB AND OR XOR CMP TEST INC DEC NEG NOT "},
    {"shifts and rotates", " ROL ROR RCL RCR SHL SAL SHR SAR SHLD SHRD "},
    {"MUL, DIV", " MUL IMUL DIV IDIV "},
    {"BCD", " AAA AAS AAM AAD DAA DAS "},
    {"bits", " BT BTS BTR BTC BSF BSR "},
    {"moves", " MOV XCHG LEA MOVZX MOVSX CMOVcc SETcc BSWAP CBW CWD XLAT NOP CMPXCHG XADD CMPXCHG8B SALC "},
    {"stack", " PUSH POP PUSHA POPA ENTER LEAVE PUSHF POPF "},
    {"flags", " CLC STC CMC CLD STD SAHF LAHF "},
    {"strings", " MOVS MOVSB CMPS CMPSB STOS STOSB LODS LODSB SCAS SCASB "},
    {"branches", " Jcc JMP CALL RET LOOP LOOPE LOOPNE JCXZ "},
    {"far transfers, interrupts", " CALL_far JMP_far RET_far IRET INT INT3 INT1 INTO BOUND "},
    {"segment registers", " PUSH_sreg POP_sreg PUSH_FS POP_FS PUSH_GS POP_GS MOV_Ew,Sw MOV_Sw,Ew LES LDS LSS LFS LGS LAR LSL ARPL group_6 "},
    {"input and output", " IN OUT INS INSB OUTS OUTSB CLI STI "},
    {"system", " group_7 CLTS INVD WBINVD MOV_from_CR MOV_from_DR MOV_to_CR MOV_to_DR WRMSR RDMSR SYSEXIT RSM HLT UD2 WAIT "},
    {"undefined", " (undefined) "},
};

std::string flag_names(std::uint32_t flags) {
  static constexpr std::pair<std::uint32_t, const char*> kNames[] = {{kOF, "OF"}, {kSF, "SF"}, {kZF, "ZF"},
                                                                    {kAF, "AF"}, {kPF, "PF"}, {kCF, "CF"}};
  std::string out;
  for (const auto& [bit, name] : kNames)
    if ((flags & bit) != 0) out += (out.empty() ? "" : " ") + std::string(name);
  return out;
}

struct Line {
  std::uint64_t cases = 0, different = 0, accepted = 0;
  std::uint32_t undefined = 0;
  unsigned forms = 0;
};

}  // namespace

std::vector<Accepted> read_accepted(const std::string& text) {
  std::vector<Accepted> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string folder, what;
    Accepted a;
    if (!(words >> folder >> what) || folder != "vectors") continue;
    const std::size_t colon = what.find(':');
    if (colon == std::string::npos) continue;
    a.form = what.substr(0, colon);
    a.differences = what.substr(colon + 1);
    std::getline(words >> std::ws, a.reason);
    out.push_back(std::move(a));
  }
  return out;
}

std::string group_of(const Form& form) {
  if (form.family == Family::kFloat) return form.operand == Form::kMemory ? "x87, memory" : "x87, registers";
  if (form.family == Family::kSimd) {
    const bool integers = (form.opcode >= 0x60 && form.opcode <= 0x7F) || form.opcode >= 0xD0;
    if (form.opcode == 0xAE) return "FXSAVE, MXCSR";
    if (integers) return form.mandatory == 0 ? "MMX" : "SSE2, integers";
    return form.mandatory == 0x66 || form.mandatory == 0xF2 ? "SSE2, double precision" : "SSE, single precision";
  }
  std::string name = form.mnemonic;
  std::replace(name.begin(), name.end(), ' ', '_');
  for (const Group& g : kGroups)
    if (std::string(g.mnemonics).find(" " + name + " ") != std::string::npos) return g.name;
  return "other";
}

std::string table(const std::vector<Tally>& tallies) {
  std::map<std::pair<std::string, Mode>, Line> lines;
  Line all;
  for (const Tally& t : tallies) {
    const Form* form = find_form(t.key);
    Line& line = lines[{form != nullptr ? group_of(*form) : "no longer a form", t.mode}];
    for (Line* l : {&line, &all}) {
      l->cases += t.cases;
      l->different += t.different;
      l->accepted += t.accepted;
      ++l->forms;
    }
    if (form != nullptr) line.undefined |= form->undefined;
  }
  std::string out = "| group | code | forms | cases | agree | differ on purpose | flags the manual leaves undefined |\n"
                    "|---|---|---|---|---|---|---|\n";
  const auto print = [&](const std::string& name, const char* mode, const Line& l) {
    char text[320];
    std::snprintf(text, sizeof text, "| %s | %s | %u | %llu | %llu | %llu | %s |\n", name.c_str(), mode, l.forms,
                  static_cast<unsigned long long>(l.cases), static_cast<unsigned long long>(l.cases - l.different - l.accepted),
                  static_cast<unsigned long long>(l.accepted), flag_names(l.undefined).c_str());
    out += text;
  };
  for (const auto& [key, line] : lines) print(key.first, key.second == Mode::k32 ? "32" : "16", line);
  print("all", "", all);
  return out;
}

}  // namespace ringside::oracle
