#include "debugger/inspect/listing.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <array>
#include <span>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::size_t kLongest = 15;
constexpr std::uint32_t kLookBack = 16;  // bytes for each instruction that is looked for before the anchor

struct Decoder {
  ZydisDecoder decoder;
  ZydisFormatter formatter;
  explicit Decoder(bool code32) {
    ZydisDecoderInit(&decoder, code32 ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16,
                     code32 ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16);
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_TRUE);
  }
  unsigned length(std::span<const std::uint8_t> code) const {
    ZydisDecodedInstruction instruction;
    if (code.empty() || !ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, code.data(), code.size(), &instruction)))
      return 0;
    return instruction.length;
  }
};

/// Will the conditional branch at EIP be taken? By the condition's number in the opcode.
bool condition_holds(std::uint32_t f, unsigned condition) {
  const bool cf = (f & kCF) != 0, zf = (f & kZF) != 0, sf = (f & kSF) != 0, of = (f & kOF) != 0, pf = (f & kPF) != 0;
  bool holds = false;
  switch (condition >> 1) {
    case 0: holds = of; break;
    case 1: holds = cf; break;
    case 2: holds = zf; break;
    case 3: holds = cf || zf; break;
    case 4: holds = sf; break;
    case 5: holds = pf; break;
    case 6: holds = sf != of; break;
    default: holds = zf || sf != of; break;
  }
  return holds != ((condition & 1) != 0);
}

std::optional<bool> will_branch(const Cpu& cpu, const ZydisDecodedInstruction& i) {
  if (i.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && i.opcode >= 0x70 && i.opcode <= 0x7F) return condition_holds(cpu.eflags(), i.opcode & 15);
  if (i.opcode_map == ZYDIS_OPCODE_MAP_0F && i.opcode >= 0x80 && i.opcode <= 0x8F) return condition_holds(cpu.eflags(), i.opcode & 15);
  return std::nullopt;
}

class ListingMaker {
 public:
  ListingMaker(const Cpu& cpu, const Naming* names)
      : cpu_(cpu), names_(names), decoder_(cpu.seg[kCS].big != 0), base_(cpu.seg[kCS].base) {
    listing_.cs = cpu.seg[kCS].selector;
    listing_.code32 = cpu.seg[kCS].big != 0;
    listing_.current = base_ + cpu.eip;
  }

  void add(std::uint32_t linear) { listing_.lines.push_back(line_at(linear)); }
  std::uint32_t next() const { return listing_.lines.back().linear + std::max(1u, listing_.lines.back().length); }

  /// Where to begin so that `before` instructions lead to the anchor.
  std::vector<std::uint32_t> run_before(std::uint32_t anchor, unsigned before) const {
    std::vector<std::uint32_t> best;
    if (before == 0) return best;
    const std::uint32_t span = std::min<std::uint32_t>(before * kLookBack, anchor);
    std::vector<std::uint8_t> code(span + kLongest);
    const std::size_t readable = peek_span(cpu_, anchor - span, code.data(), code.size());
    if (readable < span) return best;
    // The longest way back from which decoding falls into step with the anchor is most likely the program's own.
    for (std::uint32_t start = 0; start < span; ++start) {
      std::vector<std::uint32_t> run;
      std::uint32_t at = start;
      while (at < span) {
        const unsigned length = decoder_.length(std::span(code).subspan(at, std::min<std::size_t>(kLongest, readable - at)));
        if (length == 0) break;
        run.push_back(anchor - span + at);
        at += length;
      }
      if (at != span || run.size() < std::min<std::size_t>(before, 4)) continue;
      best = std::move(run);
      break;
    }
    if (best.size() > before) best.erase(best.begin(), best.end() - before);
    return best;
  }

  Listing take() {
    if (!listing_.lines.empty()) {
      const std::uint32_t first = listing_.lines.front().linear;
      const std::vector<std::uint32_t> run = run_before(first, 3);
      listing_.earlier = run.empty() ? first - (first != 0 ? 1 : 0) : run.front();
    }
    return std::move(listing_);
  }

 private:
  ListingLine line_at(std::uint32_t linear) const {
    ListingLine line;
    line.linear = linear;
    line.eip = linear - base_;
    line.current = linear == listing_.current;
    std::array<std::uint8_t, kLongest> code{};
    const std::size_t size = peek_span(cpu_, linear, code.data(), code.size());
    if (names_ != nullptr) {
      line.label = names_->label_at(linear);
      line.source = names_->source_of(linear);
    }
    if (size == 0) {
      line.readable = false;
      line.length = 1;
      line.text = "(no memory can be read here)";
      return line;
    }
    ZydisDecodedInstruction instruction;
    std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_.decoder, code.data(), size, &instruction, operands.data()))) {
      line.length = 1;
      line.bytes = hex8(code[0]);
      line.text = "db " + hex8(code[0]) + "h";
      return line;
    }
    line.length = instruction.length;
    for (unsigned i = 0; i < line.length; ++i) line.bytes += hex8(code[i]);
    char text[160];
    ZydisFormatterFormatInstruction(&decoder_.formatter, &instruction, operands.data(), instruction.operand_count_visible, text,
                                    sizeof(text), line.eip, nullptr);
    line.text = text;
    note_branch(line, instruction, operands[0]);
    return line;
  }

  void note_branch(ListingLine& line, const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand& operand) const {
    if (instruction.operand_count_visible == 0 || operand.type != ZYDIS_OPERAND_TYPE_IMMEDIATE || operand.imm.is_relative == 0) return;
    ZyanU64 target = 0;
    if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&instruction, &operand, line.eip, &target))) return;
    auto offset = static_cast<std::uint32_t>(target);
    if (!listing_.code32 && instruction.operand_width == 16) offset &= 0xFFFF;
    line.target = base_ + offset;
    if (names_ != nullptr) line.note = names_->name_of(*line.target);
    if (line.current) line.taken = will_branch(cpu_, instruction);
  }

  const Cpu& cpu_;
  const Naming* names_;
  Decoder decoder_;
  std::uint32_t base_;
  Listing listing_;
};

}  // namespace

std::size_t peek_span(const Cpu& cpu, std::uint32_t linear, void* out, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(out);
  std::size_t done = 0;
  while (done < size) {
    const auto at = static_cast<std::uint32_t>(linear + done);
    PhysAddr physical = at;
    if (cpu.paging() && !cpu.peek_translate(at, physical)) break;
    const std::size_t piece = std::min<std::size_t>(size - done, kPageSize - (at & (kPageSize - 1)));
    cpu.memory.peek(physical, bytes + done, piece);
    done += piece;
  }
  return done;
}

Listing list_code(const Cpu& cpu, std::uint32_t anchor, unsigned before, unsigned after, const Naming* names) {
  ListingMaker maker(cpu, names);
  for (const std::uint32_t linear : maker.run_before(anchor, before)) maker.add(linear);
  std::uint32_t at = anchor;
  for (unsigned i = 0; i < after; ++i) {
    maker.add(at);
    at = maker.next();
  }
  return maker.take();
}

}  // namespace ringside
